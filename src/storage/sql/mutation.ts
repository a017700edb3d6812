import type { Mutations } from '../contract/write-set.ts';
import type { ColumnType, Dialect } from '../dialects/dialect.ts';

/** How a named mutation becomes SQL, written once for both engines. `:name` stands for the row's value. */
export interface MutationDefinition {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly sql: (dialect: Dialect) => string;
  /** Whether it must change exactly one row; otherwise the whole set is a conflict. */
  readonly expectOne: boolean;
}

export type MutationDefinitions<K extends keyof Mutations = keyof Mutations> = Readonly<Record<K, MutationDefinition>>;

type Columns = Readonly<Record<string, ColumnType>>;
const names = (columns: Columns) => Object.keys(columns);
const list = (columns: Columns, prefix = '') =>
  names(columns)
    .map((c) => prefix + c)
    .join(', ');

/** `insert`; a row with the same key makes the set a conflict. */
export function insert(table: string, columns: Columns): MutationDefinition {
  return {
    columns,
    expectOne: false,
    sql: () => `insert into ${table} (${list(columns)}) values (${list(columns, ':')})`,
  };
}

/** `insert`; a row with the same key is left as it is. */
export function insertIfAbsent(table: string, columns: Columns): MutationDefinition {
  const into = insert(table, columns);
  return { ...into, sql: (d) => `${into.sql(d)} on conflict do nothing` };
}

/** `insert`, or replaces the other columns of the row with the same `key`. */
export function upsert(table: string, columns: Columns, key: readonly string[]): MutationDefinition {
  const rest = names(columns).filter((c) => !key.includes(c));
  const set = rest.map((c) => `${c} = excluded.${c}`).join(', ');
  const into = insert(table, columns);
  return { ...into, sql: (d) => `${into.sql(d)} on conflict (${key.join(', ')}) do update set ${set}` };
}

/** Deletes the rows whose columns equal the given ones. */
export function remove(table: string, columns: Columns, options: { expectOne?: boolean } = {}): MutationDefinition {
  const where = names(columns)
    .map((c) => `${c} = :${c}`)
    .join(' and ');
  return { columns, expectOne: options.expectOne ?? false, sql: () => `delete from ${table} where ${where}` };
}

/** Sets `changed` in the rows whose `key` columns equal the given ones. */
export function update(
  table: string,
  key: Columns,
  changed: Columns,
  options: { expectOne?: boolean } = {},
): MutationDefinition {
  const set = names(changed)
    .map((c) => `${c} = :${c}`)
    .join(', ');
  const where = names(key)
    .map((c) => `${c} = :${c}`)
    .join(' and ');
  return {
    columns: { ...key, ...changed },
    expectOne: options.expectOne ?? false,
    sql: () => `update ${table} set ${set} where ${where}`,
  };
}

/** Any other statement, for what the forms above cannot say. */
export function statement(
  columns: Columns,
  sql: string | ((dialect: Dialect) => string),
  options: { expectOne?: boolean } = {},
): MutationDefinition {
  return { columns, expectOne: options.expectOne ?? false, sql: typeof sql === 'string' ? () => sql : sql };
}
