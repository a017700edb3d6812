import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { lockSqliteForServer } from '../engine/sqlite-server-lock.ts';
import { TransferError } from './into-postgres.ts';
import { type DatabasePlace, removeDatabase, syncFile } from './snapshot.ts';

/** A SQLite file. */
export function sqlitePlace(path: string): DatabasePlace {
  return {
    async takeSnapshot(file) {
      const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 30_000 });
      try {
        // One read transaction, so that writes of the server neither stop nor restart it.
        db.prepare('vacuum into ?').run(file);
      } finally {
        db.close();
      }
    },

    async restore(make) {
      if (existsSync(path)) throw new TransferError(`there is a database already: ${path}`);
      mkdirSync(dirname(path), { recursive: true });
      const unlock = lockSqliteForServer(path);
      const unfinished = `${path}.restored`;
      try {
        const result = await make(unfinished);
        syncFile(unfinished);
        renameSync(unfinished, path);
        return result;
      } finally {
        removeDatabase(unfinished);
        unlock();
      }
    },
  };
}
