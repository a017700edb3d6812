import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import { copyStoredFile } from '../storage/media/copy-files.ts';
import { describeSnapshot, restoreSnapshot } from '../storage/transfer/snapshot.ts';
import { BACKUP, type Manifest, readManifest } from './backup-manifest.ts';
import { configOption, readConfig } from './config-option.ts';
import { databasePlace, explainDatabase } from './database-place.ts';
import { tableProgress } from './progress.ts';
import { CommandFailure, print, type Terminal } from './terminal.ts';

interface Options {
  readonly config: string;
  readonly keepOneTimeKeys?: boolean;
}

/** `igchat restore`: puts a backup where the configuration says that data are. */
export function restoreCommand(terminal: Terminal): Command {
  return new Command('restore')
    .description('put a backup where the configuration says; the server is stopped and has no database')
    .argument('<folder>', 'a folder that `igchat backup` has made')
    .option('--keep-one-time-keys', 'nothing has happened since the backup: the old server was stopped before it')
    .addOption(configOption(terminal))
    .action((folder: string, options: Options) => restore(terminal, resolve(folder), options));
}

async function restore(terminal: Terminal, folder: string, options: Options): Promise<void> {
  const config = readConfig(terminal, options);
  const manifest = readManifest(folder);
  const media = check(config, folder, manifest);
  const keepOneTimeKeys = options.keepOneTimeKeys === true;
  mkdirSync(config.dataDir, { recursive: true });
  const { retiredKeys } = await restoreSnapshot(join(folder, BACKUP.database), databasePlace(config), {
    scratch: join(config.dataDir, 'restored.db'),
    keepOneTimeKeys,
    onProgress: tableProgress(terminal),
  }).catch(explainDatabase);
  restoreSigningKey(config, folder);
  for (const path of media) await copyStoredFile(path, join(folder, BACKUP.media), config.media.path);
  const rows = Object.values(manifest.rows).reduce((sum, count) => sum + count, 0);
  print(
    terminal,
    `restored ${manifest.server_name} as of ${manifest.created_at}: ${rows} rows, ${media.length} media files`,
  );
  if (!keepOneTimeKeys) terminal.stderr.write(warning(retiredKeys));
}

/** Everything that can be found wrong is found before anything is written. Answers the paths of the media. */
function check(config: Config, folder: string, manifest: Manifest): string[] {
  if (manifest.server_name !== config.serverName) {
    throw new CommandFailure(`the backup is of ${manifest.server_name}, and the configuration of ${config.serverName}`);
  }
  const { rows } = describeSnapshot(join(folder, BACKUP.database));
  for (const [table, count] of Object.entries(manifest.rows)) {
    if (rows[table] === count) continue;
    throw new CommandFailure(`the backup is damaged: ${table} has ${rows[table] ?? 0} rows of ${count}`);
  }
  const key = join(folder, BACKUP.signingKey);
  if (existsSync(key) && existsSync(config.signingKey) && !isSame(key, config.signingKey)) {
    throw new CommandFailure(`there is another signing key already: ${config.signingKey}`);
  }
  const lines = readFileSync(join(folder, BACKUP.mediaList), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const separator = line.indexOf(' ');
    const [size, path] = [Number(line.slice(0, separator)), line.slice(separator + 1)];
    const stored = statSync(join(folder, BACKUP.media, path), { throwIfNoEntry: false });
    if (stored?.size !== size) throw new CommandFailure(`the backup is damaged: ${BACKUP.media}/${path} is not whole`);
    return path;
  });
}

function isSame(a: string, b: string): boolean {
  return readFileSync(a, 'utf8').trim() === readFileSync(b, 'utf8').trim();
}

function restoreSigningKey(config: Config, folder: string): void {
  const key = join(folder, BACKUP.signingKey);
  if (!existsSync(key) || existsSync(config.signingKey)) return;
  mkdirSync(dirname(config.signingKey), { recursive: true });
  copyFileSync(key, config.signingKey);
}

function warning(retiredKeys: number): string {
  return [
    'Warning: what happened since the backup is gone, and one-time keys given out since then could be given out again.',
    `So the ${retiredKeys} one-time keys in it are retired; clients upload new ones when they next sync. Who cannot read`,
    'new encrypted messages after this should log out and in again.',
    '',
  ].join('\n');
}
