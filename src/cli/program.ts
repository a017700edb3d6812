import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/problem.ts';
import { extensionProcesses } from '../homeserver/extensions.ts';
import { IGCHAT_VERSION } from '../util/version.ts';
import { backupCommand } from './backup.ts';
import { checkConfigCommand } from './check-config.ts';
import { createUserCommand } from './create-user.ts';
import { extensionProcessCommand } from './extension-process.ts';
import { generateConfigCommand } from './generate-config.ts';
import { generateSigningKeyCommand } from './generate-signing-key.ts';
import { migrateDatabaseCommand } from './migrate-database.ts';
import { restoreCommand } from './restore.ts';
import { startCommand } from './start.ts';
import { CommandFailure, EXIT_CONFIGURATION, EXIT_USAGE, type Terminal } from './terminal.ts';
import { versionCommand } from './version.ts';

const COMMANDS = [
  startCommand,
  ...extensionProcesses.map(extensionProcessCommand),
  checkConfigCommand,
  generateConfigCommand,
  generateSigningKeyCommand,
  createUserCommand,
  backupCommand,
  restoreCommand,
  migrateDatabaseCommand,
  versionCommand,
];

function program(terminal: Terminal): Command {
  const root = new Command('igchat')
    .description('A Matrix homeserver.')
    .version(`igchat ${IGCHAT_VERSION}`, '-V, --version')
    .helpCommand(false);
  for (const make of COMMANDS) root.addCommand(make(terminal));
  for (const command of [root, ...root.commands]) {
    command
      .exitOverride()
      .showHelpAfterError('(--help shows how it is used)')
      .configureOutput({
        writeOut: (text) => terminal.stdout.write(text),
        writeErr: (text) => terminal.stderr.write(text),
        outputError: (text, write) => write(text.replace(/^error:/, 'igchat:')),
      });
  }
  return root;
}

/**
 * Runs the command line `igchat …args`. Errors go to standard error.
 *
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program(terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof ConfigError) {
      terminal.stderr.write(`${error.message}\n`);
      return EXIT_CONFIGURATION;
    }
    const failure = error instanceof CommandFailure ? error : undefined;
    const detail = error instanceof Error ? error.stack : String(error);
    terminal.stderr.write(`igchat: ${failure?.message ?? detail}\n`);
    return failure?.exitCode ?? 1;
  }
}
