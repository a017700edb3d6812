import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { DatabaseInUseError } from './database-in-use.ts';

/**
 * Holds the right to be the one server on a SQLite file, for as long as the process lives: a lock of the operating
 * system on a file beside it, so that it outlives no crash. Commands work beside a server and do not take it.
 *
 * @returns what gives it back
 * @throws DatabaseInUseError
 */
export function lockSqliteForServer(path: string): () => void {
  const db = new Database(`${path}.lock`, { timeout: 0 });
  try {
    db.exec('create table if not exists holder (pid integer not null, host text not null)');
    db.exec('begin immediate');
    db.exec('delete from holder');
    db.prepare('insert into holder values (?, ?)').run(process.pid, hostname());
    db.exec('commit');
    // This one is never committed: others can read who holds it.
    db.exec('begin immediate');
  } catch (error) {
    const isHeld = (error as { code?: string }).code?.startsWith('SQLITE_BUSY');
    const holder = isHeld ? holderOf(db) : undefined;
    db.close();
    throw isHeld ? new DatabaseInUseError(`the database ${path}`, holder) : error;
  }
  return () => db.close();
}

function holderOf(db: Database.Database): string {
  try {
    const holder = db.prepare('select pid, host from holder').get() as { pid: number; host: string } | undefined;
    return holder ? ` (process ${holder.pid} on ${holder.host})` : '';
  } catch (error) {
    // The other one is at this moment writing who it is.
    if ((error as { code?: string }).code?.startsWith('SQLITE_')) return '';
    throw error;
  }
}
