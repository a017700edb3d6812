import type { Knex } from 'knex';
import type { ColumnType, Dialect } from './dialects/dialect.ts';

/** Columns of a table: a type, or a type and `null` for a column that may be empty. */
export type Columns = Readonly<Record<string, Exclude<ColumnType, 'position'> | `${Exclude<ColumnType, 'position'>}?`>>;

/** What a migration may do. Statements run in order, all in one transaction. */
export interface MigrationSteps {
  readonly dialect: Dialect;
  /** Creates a table; a primary key of several columns or of text keeps the rows inside the key. */
  table(name: string, columns: Columns, primaryKey: readonly string[]): void;
  /** Creates an index; `where` makes it a partial one. */
  index(name: string, table: string, columns: readonly string[], options?: { unique?: boolean; where?: string }): void;
  /** Any other statement that both engines understand. */
  sql(statement: string): void;
}

/** A step of the schema. Never edited after a release. */
export interface Migration {
  /** `NNNN-what`, without a file extension: recorded in the database. */
  readonly name: string;
  up(steps: MigrationSteps): void;
}

/** Turns a migration into the statements of an engine; knex writes the table definitions. */
export function statementsOf(migration: Migration, dialect: Dialect, knex: Knex): string[] {
  const out: string[] = [];
  migration.up({
    dialect,
    table(name, columns, primaryKey) {
      const [created] = knex.schema
        .createTable(name, (t) => {
          for (const [column, type] of Object.entries(columns)) {
            const sqlType = dialect.columnType(type.replace('?', '') as ColumnType);
            const defined = t.specificType(column, sqlType);
            if (type.endsWith('?')) defined.nullable();
            else defined.notNullable();
          }
          t.primary([...primaryKey]);
        })
        .toSQL();
      const first = columns[primaryKey[0]!];
      const isRowid = primaryKey.length === 1 && first === 'int';
      out.push(created!.sql + (isRowid ? '' : dialect.keyedTableSuffix));
    },
    index(name, table, columns, options = {}) {
      const unique = options.unique ? 'unique ' : '';
      const where = options.where ? ` where ${options.where}` : '';
      out.push(`create ${unique}index ${name} on ${table} (${columns.join(', ')})${where}`);
    },
    sql: (statement) => out.push(statement),
  });
  return out;
}
