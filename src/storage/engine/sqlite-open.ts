import Database from 'better-sqlite3';

/** Opens the database file for the one connection that writes. */
export function openForWriting(path: string, lockTimeout: number): Database.Database {
  const db = new Database(path, { timeout: lockTimeout });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -8000');
  db.pragma('wal_autocheckpoint = 1000');
  // After a burst the log file shrinks back to this many bytes at its next checkpoint.
  db.pragma('journal_size_limit = 16777216');
  db.pragma('temp_store = MEMORY');
  return db;
}

/** Opens the database file for reading. The file exists and has its schema. */
export function openForReading(path: string, lockTimeout: number): Database.Database {
  const db = new Database(path, { readonly: true, timeout: lockTimeout });
  db.pragma('query_only = true');
  db.pragma('cache_size = -2000');
  db.pragma('temp_store = MEMORY');
  return db;
}
