import type Database from 'better-sqlite3';

/** A table as a copy needs to know it: the same on both engines. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** PostgreSQL's type of each column. */
  readonly types: readonly string[];
  /** Columns of the primary key, in its order: rows are copied in the order of their keys. */
  readonly key: readonly string[];
}

export type Row = Readonly<Record<string, unknown>>;

/** What a copy of a database holds: rows by table. */
export type Counts = Readonly<Record<string, number>>;

/** Told as a copy goes on. */
export type OnProgress = (table: string, rows: number, ofRows: number) => void;

/** Written by the migrations of the copy itself. */
const BOOKKEEPING = 'schema_migrations';

/** By the rule of SQLite itself: whatever has INT in its name is an integer. Source: https://www.sqlite.org/datatype3.html */
function postgresType(type: string): string {
  if (/int/i.test(type)) return 'bigint';
  return /blob/i.test(type) ? 'bytea' : 'text';
}

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  /** Place in the primary key, counted from 1; 0 if it is no part of it. */
  readonly pk: number;
}

/** The tables of a SQLite database, by name. Those of the search are left out: they are made again from the events. */
export function tablesOf(db: Database.Database): Table[] {
  const names = db
    .prepare(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'
       and name not like 'search\\_%' escape '\\' and name <> ? order by name`,
    )
    .pluck()
    .all(BOOKKEEPING) as string[];
  return names.map((name) => {
    const columns = db
      .prepare('select name, type, pk from pragma_table_info(?) order by cid')
      .all(name) as ColumnInfo[];
    const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    return {
      name,
      columns: columns.map((column) => column.name),
      types: columns.map(({ type }) => postgresType(type)),
      key: key.map((column) => column.name),
    };
  });
}

export function countRows(db: Database.Database, table: Table): number {
  return db.prepare(`select count(*) from ${table.name}`).pluck().get() as number;
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}

/** The columns as SQL lists them. */
export function columnList(table: Table): string {
  return quoted(table.columns);
}

/** How many rows are read and written at once. */
export const PAGE = 1000;

/**
 * A page of a table in the order of its key.
 *
 * @param parameter the n-th placeholder, counted from 1
 * @param isFirst whether there is no key to go on from
 */
export function pageQuery(table: Table, parameter: (n: number) => string, isFirst: boolean): string {
  const key = quoted(table.key);
  const from = isFirst ? '' : ` where (${key}) > (${table.key.map((_, i) => parameter(i + 1)).join(', ')})`;
  return `select ${columnList(table)} from ${table.name}${from} order by ${key} limit ${PAGE}`;
}

/** The key of a row. */
export function keyOf(table: Table, row: Row): unknown[] {
  return table.key.map((column) => row[column]);
}
