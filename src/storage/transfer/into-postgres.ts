import Database from 'better-sqlite3';
import type pg from 'pg';
import { SCHEMA_VERSION } from '../../../migrations/index.ts';
import { DatabaseInUseError } from '../engine/database-in-use.ts';
import { postgresDriver } from '../engine/drivers.ts';
import { migratePostgres } from '../engine/migrate.ts';
import { postgresOptions } from '../engine/postgres-options.ts';
import { SERVER_LOCK } from '../engine/postgres-writer.ts';
import {
  type Counts,
  columnList,
  countRows,
  keyOf,
  type OnProgress,
  PAGE,
  pageQuery,
  type Row,
  type Table,
  tablesOf,
} from './tables.ts';

/** A copy cannot begin or go on. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** Milliseconds. */
const LOCK_TIMEOUT = 10_000;
/** Far beyond every real version: a server refuses a database with a copy that has not finished. */
const UNFINISHED_VERSION = 1_000_000_000;
const UNFINISHED = 'a copy that has not finished';

/** What is known of a copy under way: the source, and for each table the rows that are there and the last key. */
interface State {
  readonly rows: number;
  readonly after: readonly unknown[];
}

/**
 * Copies a SQLite database, which nobody changes meanwhile, into an empty PostgreSQL database. If it is interrupted,
 * the next call with the same source goes on where it stopped. At the end the rows of every table are counted on both
 * sides.
 *
 * @param source says which state of which database it is: the copy of another is not gone on with
 * @throws TransferError, DatabaseInUseError
 */
export async function copyIntoPostgres(
  file: string,
  url: string,
  source: string,
  onProgress: OnProgress,
): Promise<Counts> {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  const client = new (postgresDriver().Client)({
    ...postgresOptions(url, LOCK_TIMEOUT),
    idle_in_transaction_session_timeout: 0,
  });
  await client.connect();
  try {
    await lock(client);
    const isNew = await begin(client, url, source);
    if (isNew) await refuseIfUsed(client, tablesOf(db));
    for (const table of tablesOf(db)) await copyTable(db, client, table, onProgress);
    const counts = await verified(db, client);
    await finish(client);
    return counts;
  } finally {
    await client.end();
    db.close();
  }
}

async function lock(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ held: boolean; name: string }>(
    `select pg_try_advisory_lock(${SERVER_LOCK}) as held, current_database() as name`,
  );
  if (rows[0]?.held !== true) throw new DatabaseInUseError(`the PostgreSQL database ${rows[0]?.name}`);
}

/** Makes the schema and the notes of the copy; false if an earlier copy of the same source is there. */
async function begin(client: pg.Client, url: string, source: string): Promise<boolean> {
  const { rows: found } = await client.query<{ there: boolean }>(`select to_regclass('transfer') is not null as there`);
  if (found[0]?.there) {
    const { rows } = await client.query<{ state: string }>(`select state from transfer where name = ''`);
    if (rows[0]?.state === source) return false;
    throw new TransferError(
      'the PostgreSQL database holds an unfinished copy of something else, or the SQLite database has changed since: ' +
        'start again with an empty database',
    );
  }
  await migratePostgres(url, []);
  await client.query('begin');
  await client.query('create table transfer (name text primary key, state text not null)');
  await client.query(`insert into transfer values ('', $1)`, [source]);
  await client.query('insert into schema_migrations values ($1, $2, $1)', [UNFINISHED_VERSION, UNFINISHED]);
  await client.query('commit');
  return true;
}

async function refuseIfUsed(client: pg.Client, tables: readonly Table[]): Promise<void> {
  for (const { name } of tables) {
    const { rows } = await client.query<{ used: boolean }>(`select exists (select from ${name}) as used`);
    if (rows[0]?.used !== true) continue;
    await finish(client);
    throw new TransferError(`the PostgreSQL database is not empty: its table ${name} has rows`);
  }
}

/** Keys hold numbers, texts and bytes. */
function encodeState(state: State): string {
  const after = state.after.map((value) => (Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value));
  return JSON.stringify({ ...state, after });
}

function decodeState(text: string): State {
  const { rows, after } = JSON.parse(text) as { rows: number; after: unknown[] };
  const decoded = after.map((value) =>
    typeof value === 'object' && value !== null && 'base64' in value
      ? Buffer.from(String(value.base64), 'base64')
      : value,
  );
  return { rows, after: decoded };
}

async function copyTable(
  db: Database.Database,
  client: pg.Client,
  table: Table,
  onProgress: OnProgress,
): Promise<void> {
  const total = countRows(db, table);
  const { rows: known } = await client.query<{ state: string }>('select state from transfer where name = $1', [
    table.name,
  ]);
  let state: State = known[0] === undefined ? { rows: 0, after: [] } : decodeState(known[0].state);
  while (state.rows < total) {
    const page = db.prepare(pageQuery(table, () => '?', state.rows === 0)).all(...state.after) as Row[];
    const last = page.at(-1);
    if (last === undefined) break;
    state = { rows: state.rows + page.length, after: keyOf(table, last) };
    await client.query('begin');
    await insertPage(client, table, page);
    await client.query('insert into transfer values ($1, $2) on conflict (name) do update set state = excluded.state', [
      table.name,
      encodeState(state),
    ]);
    await client.query('commit');
    onProgress(table.name, state.rows, total);
    if (page.length < PAGE) break;
  }
}

async function insertPage(client: pg.Client, table: Table, page: readonly Row[]): Promise<void> {
  const columns = table.columns.map((column) => page.map((row) => row[column]));
  const arrays = table.types.map((type, i) => `$${i + 1}::${type}[]`).join(', ');
  await client.query(`insert into ${table.name} (${columnList(table)}) select * from unnest(${arrays})`, columns);
}

/** @throws TransferError if a table has not the same number of rows on both sides */
async function verified(db: Database.Database, client: pg.Client): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const table of tablesOf(db)) {
    const { rows } = await client.query<{ n: number }>(`select count(*) as n from ${table.name}`);
    const [here, there] = [countRows(db, table), rows[0]?.n];
    if (here !== there) throw new TransferError(`${table.name} has ${here} rows, and its copy ${there}`);
    counts[table.name] = here;
  }
  return counts;
}

async function finish(client: pg.Client): Promise<void> {
  await client.query('begin');
  await client.query('drop table transfer');
  await client.query('delete from schema_migrations where version > $1', [SCHEMA_VERSION]);
  await client.query('commit');
  await client.query('analyze');
}
