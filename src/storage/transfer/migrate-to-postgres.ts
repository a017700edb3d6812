import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrateSqlite } from '../engine/migrate.ts';
import { lockSqliteForServer } from '../engine/sqlite-server-lock.ts';
import { copyIntoPostgres, TransferError } from './into-postgres.ts';
import type { Counts, OnProgress } from './tables.ts';

/**
 * Copies the SQLite database of a stopped server into an empty PostgreSQL database; interrupted, it goes on at the next
 * call.
 *
 * @throws TransferError, DatabaseInUseError
 */
export async function migrateToPostgres(path: string, url: string, onProgress: OnProgress): Promise<Counts> {
  if (!existsSync(path)) throw new TransferError(`there is no SQLite database ${path}`);
  const unlock = lockSqliteForServer(path);
  try {
    await migrateSqlite(path);
    return await copyIntoPostgres(path, url, stateOf(path), onProgress);
  } finally {
    unlock();
  }
}

/** Every write appends to the log: as long as its last entry is the same, nothing has changed. */
function stateOf(path: string): string {
  const db = new Database(path, { readonly: true });
  try {
    const last = db.prepare('select last_position, ticket from commit_log order by last_position desc limit 1').get();
    return JSON.stringify([path, last ?? null]);
  } finally {
    db.close();
  }
}
