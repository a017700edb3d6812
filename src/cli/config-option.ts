import { Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Terminal } from './terminal.ts';

const STANDARD_FILE = 'homeserver.yaml';

/** `--config FILE`, as every command that needs the configuration has it. */
export function configOption(terminal: Terminal): Option {
  return new Option('-c, --config <file>', 'configuration file (environment: IGCHAT_CONFIG)').default(
    terminal.env['IGCHAT_CONFIG'] ?? STANDARD_FILE,
  );
}

/** @throws ConfigError */
export function readConfig(terminal: Terminal, options: { readonly config: string }): Config {
  return loadConfig(options.config, terminal.env);
}
