import { Command } from 'commander';
import { configOption, readConfig } from './config-option.ts';
import { print, type Terminal } from './terminal.ts';

/** `igchat check-config`: reports every mistake in the configuration file with its place. */
export function checkConfigCommand(terminal: Terminal): Command {
  return new Command('check-config')
    .description('say what is wrong with the configuration, if anything')
    .addOption(configOption(terminal))
    .action((options: { readonly config: string }) => {
      const { serverName } = readConfig(terminal, options);
      print(terminal, `${options.config} is right (server name ${serverName})`);
    });
}
