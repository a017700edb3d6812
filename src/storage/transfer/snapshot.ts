import { closeSync, copyFileSync, fsyncSync, openSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrateSqlite } from '../engine/migrate.ts';
import { type Counts, countRows, type OnProgress, tablesOf } from './tables.ts';

/** A database as a whole: something to take snapshots of, and to restore them into. A snapshot is a SQLite file. */
export interface DatabasePlace {
  /** Writes what the database holds at one moment into a new file, while its server goes on. */
  takeSnapshot(file: string, onProgress: OnProgress): Promise<void>;
  /**
   * Fills an empty or absent database from a file that `make` writes at the path it is given.
   *
   * @param scratch where that file can be if the place has none of its own
   */
  restore<T>(make: (file: string) => Promise<T>, scratch: string, onProgress: OnProgress): Promise<T>;
}

/** What a snapshot is of. */
export interface Snapshot {
  readonly schemaVersion: number;
  /** The last stream position in it. */
  readonly position: number;
  readonly rows: Counts;
}

/**
 * How far stream positions jump: clients hold tokens from after the snapshot, and must not miss what comes now because
 * it has the positions that they have seen.
 */
const JUMP = 1_000_000_000;

/** Writes what a database holds at one moment into a new file, durably. */
export async function takeSnapshot(place: DatabasePlace, file: string, onProgress: OnProgress): Promise<Snapshot> {
  await place.takeSnapshot(file, onProgress);
  syncFile(file);
  return describeSnapshot(file);
}

/** What a snapshot holds. */
export function describeSnapshot(file: string): Snapshot {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const rows = Object.fromEntries(tablesOf(db).map((table) => [table.name, countRows(db, table)]));
    const number = (sql: string) => db.prepare(sql).pluck().get() as number;
    return {
      schemaVersion: number('select coalesce(max(version), 0) from schema_migrations'),
      position: number('select coalesce(max(last_position), 0) from commit_log'),
      rows,
    };
  } finally {
    db.close();
  }
}

/** What restoring changed in the data. */
export interface Restored {
  /** One-time keys that will not be given out, for they may have been since the snapshot. */
  readonly retiredKeys: number;
}

export interface RestoreOptions {
  /** A path for a file that is needed meanwhile. */
  readonly scratch: string;
  /** If nothing has happened since the snapshot: the old server was stopped first. */
  readonly keepOneTimeKeys: boolean;
  readonly onProgress: OnProgress;
}

/**
 * Puts a snapshot in the place of an empty or absent database.
 *
 * @throws TransferError, DatabaseInUseError, SchemaTooNewError
 */
export async function restoreSnapshot(file: string, place: DatabasePlace, options: RestoreOptions): Promise<Restored> {
  const { scratch, keepOneTimeKeys, onProgress } = options;
  const make = async (copy: string) => {
    copyFileSync(file, copy);
    await migrateSqlite(copy);
    return adjust(copy, keepOneTimeKeys);
  };
  try {
    return await place.restore(make, scratch, onProgress);
  } finally {
    removeDatabase(scratch);
  }
}

function adjust(file: string, keepOneTimeKeys: boolean): Restored {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = delete');
    const retire = db.prepare('update one_time_keys set claimed = 1 where claimed = 0');
    const jump = db.prepare(
      'insert into commit_log (last_position, ticket) select coalesce(max(last_position), 0) + ?, 0 from commit_log',
    );
    return db.transaction(() => {
      jump.run(JUMP);
      return { retiredKeys: keepOneTimeKeys ? 0 : retire.run().changes };
    })();
  } finally {
    db.close();
  }
}

export function syncFile(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Deletes a SQLite file, if it is there, with its log. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}
