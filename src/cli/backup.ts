import { copyFileSync, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import { copyStoredFile, storedFiles } from '../storage/media/copy-files.ts';
import { takeSnapshot } from '../storage/transfer/snapshot.ts';
import { systemClock } from '../util/clock.ts';
import { IGCHAT_VERSION } from '../util/version.ts';
import { BACKUP, manifestText } from './backup-manifest.ts';
import { configOption, readConfig } from './config-option.ts';
import { databasePlace, explainDatabase } from './database-place.ts';
import { tableProgress } from './progress.ts';
import { CommandFailure, print, type Terminal } from './terminal.ts';

/** `igchat backup`: copies everything that must be kept into a new folder, while the server goes on. */
export function backupCommand(terminal: Terminal): Command {
  return new Command('backup')
    .description('copy database, signing key and media into a new folder; the server may go on running')
    .argument('<folder>', 'the folder to make')
    .addOption(configOption(terminal))
    .action((folder: string, options: { readonly config: string }) => backup(terminal, resolve(folder), options));
}

async function backup(terminal: Terminal, folder: string, options: { readonly config: string }): Promise<void> {
  const config = readConfig(terminal, options);
  if (existsSync(folder)) throw new CommandFailure(`${folder} is there already`);
  if (config.database.engine === 'sqlite' && !existsSync(config.database.path)) {
    throw new CommandFailure(`there is no database ${config.database.path}`);
  }
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  try {
    const about = await writeBackup(terminal, config, unfinished).catch(explainDatabase);
    renameSync(unfinished, folder);
    print(terminal, `${folder}: ${about}`);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** The database comes first: whatever file it speaks of is there when the files are copied. */
async function writeBackup(terminal: Terminal, config: Config, folder: string): Promise<string> {
  const created_at = new Date(systemClock.now()).toISOString();
  const snapshot = await takeSnapshot(databasePlace(config), join(folder, BACKUP.database), tableProgress(terminal));
  if (existsSync(config.signingKey)) copyFileSync(config.signingKey, join(folder, BACKUP.signingKey));
  const media = await copyMedia(config.media.path, folder);
  const { schemaVersion: schema_version, position, rows } = snapshot;
  const server_name = config.serverName;
  const { engine } = config.database;
  const manifest = manifestText({
    ...{ igchat: IGCHAT_VERSION, server_name, created_at, engine, schema_version, position, rows, media },
  });
  writeFileSync(join(folder, BACKUP.manifest), manifest);
  const rowCount = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return `${rowCount} rows and ${media.files} media files of ${server_name}`;
}

async function copyMedia(from: string, folder: string): Promise<{ files: number; bytes: number }> {
  const list = createWriteStream(join(folder, BACKUP.mediaList));
  const total = { files: 0, bytes: 0 };
  for await (const { path, size } of storedFiles(from)) {
    await copyStoredFile(path, from, join(folder, BACKUP.media));
    list.write(`${size} ${path}\n`);
    total.files += 1;
    total.bytes += size;
  }
  list.end();
  await finished(list);
  return total;
}
