import { once } from 'node:events';
import { relative } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import { type Homeserver, startHomeserver, surroundings } from '../homeserver.ts';
import { IGCHAT_VERSION } from '../util/version.ts';
import { configOption, readConfig } from './config-option.ts';
import { explainDatabase } from './database-place.ts';
import { CommandFailure, print, type Terminal } from './terminal.ts';

interface Options {
  readonly config: string;
}

/** `igchat start`: runs the homeserver until the process is asked to stop. */
export function startCommand(terminal: Terminal): Command {
  return new Command('start')
    .description('run the homeserver until Ctrl-C or SIGTERM')
    .addOption(configOption(terminal))
    .action((options: Options) => start(terminal, options));
}

async function start(terminal: Terminal, options: Options): Promise<void> {
  const config = readConfig(terminal, options);
  const around = surroundings(config);
  const log = around.loggers.named('igchat');
  const homeserver = await startHomeserver(config, around).catch(explainStart);
  if (config.logging.format === 'json') {
    log.info({ version: IGCHAT_VERSION, serverName: config.serverName, urls: homeserver.urls }, 'started');
  } else {
    print(terminal, ...greeting(config, homeserver), ...(await firstSteps(terminal, config, options, homeserver)));
  }
  if (!terminal.stop.aborted) await once(terminal.stop, 'abort');
  log.info('stopping: running requests finish');
  await homeserver.stop();
  log.info('stopped');
}

function greeting(config: Config, { urls }: Homeserver): string[] {
  const { database } = config;
  const sockets = config.listeners.flatMap(({ socket }) => socket ?? []);
  return [
    `iGChat ${IGCHAT_VERSION} is running.`,
    `  server name   ${config.serverName}`,
    `  listening on  ${[...urls, ...sockets].join(', ')}`,
    `  data          ${database.engine === 'sqlite' ? `${database.path} (SQLite)` : 'PostgreSQL'}, media in ${config.media.path}`,
    `  signing key   ${config.signingKey} (keep a copy)`,
  ];
}

/** What to do next, as long as there is nobody here. */
async function firstSteps(
  terminal: Terminal,
  config: Config,
  options: Options,
  { services }: Homeserver,
): Promise<string[]> {
  const token = await services.registrationTokens.firstStartToken();
  if (token === undefined) return [];
  const igchat = terminal.env['npm_lifecycle_event'] === undefined ? 'igchat' : 'npx igchat';
  const file = relative(process.cwd(), options.config) || options.config;
  const lines = [
    '',
    'Nobody has an account yet. To make one, the server may go on running:',
    `  ${igchat} create-user NAME --admin --config ${file}`,
  ];
  if (config.registration.mode === 'token') {
    lines.push(
      `or register in a client at ${config.publicBaseUrl} with this registration token; it works once, for an administrator:`,
      `  ${token}`,
    );
  }
  return [...lines, ''];
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied',
};

/** Errors of the start whose cause an operator can remove, in one line. */
export function explainStart(error: unknown): never {
  const { syscall, code, address, port, path, message } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const reason = REASONS[code ?? ''];
  if (syscall === 'listen' && reason !== undefined) {
    throw new CommandFailure(`cannot listen on ${port === undefined ? address : `${address}:${port}`}: ${reason}`);
  }
  if (syscall !== undefined && path !== undefined) {
    throw new CommandFailure(`cannot ${syscall} ${relative(process.cwd(), path)}: ${reason ?? message}`);
  }
  return explainDatabase(error);
}
