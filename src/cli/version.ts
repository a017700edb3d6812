import { Command } from 'commander';
import { IGCHAT_VERSION } from '../util/version.ts';
import { print, type Terminal } from './terminal.ts';

/** `igchat version` */
export function versionCommand(terminal: Terminal): Command {
  return new Command('version')
    .description('print the version')
    .action(() => print(terminal, `igchat ${IGCHAT_VERSION} (Node.js ${process.versions.node})`));
}
