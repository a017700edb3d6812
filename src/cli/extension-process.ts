import { once } from 'node:events';
import { Command } from 'commander';
import { ConfigError } from '../config/problem.ts';
import type { ExtensionProcess } from '../homeserver/extensions.ts';
import { startProcess } from '../homeserver/start-process.ts';
import { surroundings } from '../homeserver.ts';
import { IGCHAT_VERSION } from '../util/version.ts';
import { configOption, readConfig } from './config-option.ts';
import { explainStart } from './start.ts';
import { CommandFailure, EXIT_USAGE, print, type Terminal } from './terminal.ts';

interface Options {
  readonly config: string;
  readonly bind: string;
  readonly port: number;
  readonly metricsPort?: number;
}

/** A command that runs a process of an extension beside the server, until it is asked to stop. */
export function extensionProcessCommand(process: ExtensionProcess): (terminal: Terminal) => Command {
  const { command, description, port } = process;
  return (terminal) =>
    new Command(command)
      .description(description)
      .addOption(configOption(terminal))
      .option('--bind <address>', 'address to listen on', '127.0.0.1')
      .option('--port <number>', 'port to listen on', portNumber, port)
      .option('--metrics-port <number>', 'port of its metrics (default: the one after metrics.port)', portNumber)
      .action((options: Options) => run(terminal, process, options));
}

async function run(terminal: Terminal, process: ExtensionProcess, options: Options): Promise<void> {
  const config = readConfig(terminal, options);
  const missing = process.missing(config);
  if (missing.length > 0) {
    throw new ConfigError(missing.map(([option, message]) => ({ at: options.config, option, message })));
  }
  const around = surroundings(config);
  const log = around.loggers.named('igchat');
  const { bind, port, metricsPort = config.metrics.port + 1 } = options;
  const started = await startProcess(process, config, around, { bind, port, metricsPort }).catch(explainStart);
  const { urls } = started;
  if (config.logging.format === 'json')
    log.info({ version: IGCHAT_VERSION, process: process.command, urls }, 'started');
  else print(terminal, `iGChat ${IGCHAT_VERSION} ${process.command} is running, and listening on ${urls.join(', ')}.`);
  if (!terminal.stop.aborted) await once(terminal.stop, 'abort');
  log.info('stopping: viewers go on elsewhere');
  await started.stop();
  log.info('stopped');
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CommandFailure(`expected a port, and not ${text}`, EXIT_USAGE);
}
