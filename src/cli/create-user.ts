import { Command } from 'commander';
import { composeServices, surroundings } from '../homeserver.ts';
import { MatrixError } from '../protocol/errors.ts';
import { configOption, readConfig } from './config-option.ts';
import { explainDatabase } from './database-place.ts';
import { readPassword } from './read-password.ts';
import { CommandFailure, print, type Terminal } from './terminal.ts';

interface Options {
  readonly config: string;
  readonly admin?: boolean;
}

/** `igchat create-user`: makes an account, whether the server runs or not. */
export function createUserCommand(terminal: Terminal): Command {
  return new Command('create-user')
    .description('make an account; its password is asked for, or is the first line of standard input')
    .argument('<name>', 'user name: alice for @alice:example.org')
    .option('--admin', 'make the user an administrator of the server')
    .addOption(configOption(terminal))
    .action((name: string, options: Options) => createUser(terminal, name, options));
}

async function createUser(terminal: Terminal, name: string, options: Options): Promise<void> {
  const config = readConfig(terminal, options);
  const password = await readPassword(terminal);
  const { accounts, storage } = await composeServices(config, surroundings(config), 'command').catch(explainDatabase);
  try {
    const isAdmin = options.admin === true;
    const userId = await accounts.create({ username: localpart(name, config.serverName), password, isAdmin });
    print(terminal, `made ${userId}${isAdmin ? ', an administrator' : ''}`);
  } catch (error) {
    if (error instanceof MatrixError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    await storage.close();
  }
}

/** People may also give the whole user id. */
function localpart(name: string, serverName: string): string {
  const suffix = `:${serverName}`;
  return name.startsWith('@') && name.endsWith(suffix) ? name.slice(1, -suffix.length) : name;
}
