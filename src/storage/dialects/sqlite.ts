import type { Dialect } from './dialect.ts';
import { sqliteTextIndex } from './sqlite-text-index.ts';

export const sqliteDialect: Dialect = {
  engine: 'sqlite',
  placeholder: () => '?',
  hasNumberedPlaceholders: false,
  columnType: (type) => (type === 'text' ? 'TEXT' : type === 'bytes' ? 'BLOB' : 'INTEGER'),
  keyedTableSuffix: ' without rowid',
  inList: (column, parameter) => `${column} in (select value from json_each(${parameter}))`,
  listParameter: (values) => JSON.stringify(values),
  containsText: (column, parameter) => `${column} like ${parameter} escape '\\'`,
  greatest: (a, b) => `max(${a}, ${b})`,
  textIndex: sqliteTextIndex,
};
