import Database from 'better-sqlite3';
import type pg from 'pg';
import { postgresDriver } from '../engine/drivers.ts';
import { migrateSqlite } from '../engine/migrate.ts';
import { postgresOptions } from '../engine/postgres-options.ts';
import { copyIntoPostgres } from './into-postgres.ts';
import type { DatabasePlace } from './snapshot.ts';
import { columnList, keyOf, type OnProgress, PAGE, pageQuery, type Row, type Table, tablesOf } from './tables.ts';

/** A PostgreSQL database. */
export function postgresPlace(url: string): DatabasePlace {
  return {
    takeSnapshot: (file, onProgress) => fromPostgres(url, file, onProgress),
    async restore(make, scratch, onProgress) {
      const result = await make(scratch);
      await copyIntoPostgres(scratch, url, scratch, onProgress);
      return result;
    },
  };
}

async function fromPostgres(url: string, file: string, onProgress: OnProgress): Promise<void> {
  await migrateSqlite(file);
  const db = new Database(file);
  const client = new (postgresDriver().Client)(postgresOptions(url, 0));
  await client.connect();
  try {
    db.pragma('journal_mode = delete');
    db.pragma('synchronous = off');
    await client.query('begin isolation level repeatable read read only');
    for (const table of tablesOf(db)) await copyTable(client, db, table, onProgress);
    await client.query('commit');
  } finally {
    await client.end();
    db.close();
  }
}

async function copyTable(
  client: pg.Client,
  db: Database.Database,
  table: Table,
  onProgress: OnProgress,
): Promise<void> {
  const { rows: counted } = await client.query<{ n: number }>(`select count(*) as n from ${table.name}`);
  const total = counted[0]?.n ?? 0;
  const values = table.columns.map(() => '?').join(', ');
  const insert = db.prepare(`insert into ${table.name} (${columnList(table)}) values (${values})`);
  const insertAll = db.transaction((rows: readonly Row[]) => {
    for (const row of rows) insert.run(...table.columns.map((column) => row[column]));
  });
  let after: unknown[] = [];
  let copied = 0;
  for (;;) {
    const text = pageQuery(table, (n) => `$${n}`, copied === 0);
    const { rows } = await client.query<Record<string, unknown>>(text, after);
    insertAll(rows);
    copied += rows.length;
    onProgress(table.name, copied, total);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = keyOf(table, last);
  }
}
