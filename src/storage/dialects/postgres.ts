import type { Dialect } from './dialect.ts';
import { postgresTextIndex } from './postgres-text-index.ts';

export const postgresDialect: Dialect = {
  engine: 'postgres',
  placeholder: (n) => `$${n}`,
  hasNumberedPlaceholders: true,
  columnType: (type) => (type === 'text' ? 'text' : type === 'bytes' ? 'bytea' : 'bigint'),
  keyedTableSuffix: '',
  inList: (column, parameter, type) => `${column} = any(${parameter}::${type === 'int' ? 'bigint' : 'text'}[])`,
  listParameter: (values) => values,
  containsText: (column, parameter) => `${column} ilike ${parameter} escape '\\'`,
  greatest: (a, b) => `greatest(${a}, ${b})`,
  textIndex: postgresTextIndex,
};
