import { Command } from 'commander';
import { parseConfig } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { LOCAL, sampleConfig } from '../config/sample.ts';
import { CommandFailure, EXIT_USAGE, print, type Terminal } from './terminal.ts';
import { writeNewFile } from './write-new-file.ts';

interface Options {
  readonly serverName?: string;
  readonly bind?: string;
  readonly port?: number;
  readonly publicBaseUrl?: string;
  readonly dataDir?: string;
  readonly output?: string;
}

/** `igchat generate-config`: a configuration file with every option and its comment. */
export function generateConfigCommand(terminal: Terminal): Command {
  return new Command('generate-config')
    .description('print a configuration file with every option')
    .option('-s, --server-name <name>', 'server name, such as example.org (default: localhost)')
    .option('--bind <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on (default: 8008)', Number)
    .option('--public-base-url <url>', 'where clients reach the server (default: https:// and the server name)')
    .option('--data-dir <folder>', 'folder of database, media and signing key (default: data)')
    .option('-o, --output <file>', 'write to this new file')
    .action((options: Options) => {
      const text = checked(sampleConfig(valuesFor(options)));
      if (options.output === undefined) terminal.stdout.write(text);
      else {
        writeNewFile(options.output, text, 0o640);
        print(terminal, `wrote ${options.output}`);
      }
    });
}

function checked(text: string): string {
  try {
    parseConfig(text, { name: '', configDir: process.cwd() });
    return text;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.problems.map(({ option, message }) => `${option}: ${message}`);
    throw new CommandFailure(lines.join('\n'), EXIT_USAGE);
  }
}

/** A server with a name of its own stands behind a reverse proxy on the same machine. */
function valuesFor(options: Options): ReadonlyMap<string, unknown> {
  const { serverName, publicBaseUrl, dataDir, bind = '127.0.0.1', port = 8008 } = options;
  const values = new Map(LOCAL);
  const proxies = serverName === undefined ? {} : { x_forwarded_proxies: ['127.0.0.1', '::1'] };
  values.set('listeners', [{ bind, port, ...proxies }]);
  if (serverName !== undefined) {
    values.set('server_name', serverName);
    values.set('public_base_url', `https://${serverName}`);
  }
  if (publicBaseUrl !== undefined) values.set('public_base_url', publicBaseUrl);
  if (dataDir !== undefined) values.set('data_dir', dataDir);
  return values;
}
