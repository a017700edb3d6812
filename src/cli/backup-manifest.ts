import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { reason } from '../config/file-errors.ts';
import { CommandFailure } from './terminal.ts';

/** Names of what is in a backup's folder. */
export const BACKUP = {
  manifest: 'manifest.json',
  database: 'homeserver.db',
  signingKey: 'signing.key',
  media: 'media',
  mediaList: 'media.txt',
} as const;

const FORMAT = 1;

const manifest = Type.Object({
  format: Type.Literal(FORMAT),
  igchat: Type.String(),
  server_name: Type.String(),
  created_at: Type.String(),
  engine: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')]),
  schema_version: Type.Integer(),
  position: Type.Integer(),
  /** Rows of each table. */
  rows: Type.Record(Type.String(), Type.Integer()),
  media: Type.Object({ files: Type.Integer(), bytes: Type.Integer() }),
});

/** What a backup says of itself, in `manifest.json`. */
export type Manifest = Static<typeof manifest>;

const validator = Compile(manifest);

/** @throws CommandFailure if the folder is no backup, or one of a format that is not known. */
export function readManifest(folder: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(folder, BACKUP.manifest), 'utf8'));
  } catch (error) {
    throw new CommandFailure(`${folder} is not a backup: cannot read ${BACKUP.manifest}: ${reason(error)}`);
  }
  if (!validator.Check(value)) throw new CommandFailure(`${folder} is not a backup that this version can restore`);
  return value;
}

export function manifestText(about: Omit<Manifest, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...about }, undefined, 2)}\n`;
}
