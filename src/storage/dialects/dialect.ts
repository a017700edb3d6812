import type { TextIndex } from './text-index.ts';

/** What a column holds. `position` is an integer to which the commit adds the positions that came before the set. */
export type ColumnType = 'text' | 'int' | 'bytes' | 'position';

/** The entire difference between the engines, as functions whose names say the intent. */
export interface Dialect {
  readonly engine: 'sqlite' | 'postgres';
  /** The placeholder of the n-th parameter, counted from 1. */
  placeholder(n: number): string;
  /** Whether a placeholder may stand for the same value in several places. */
  readonly hasNumberedPlaceholders: boolean;
  /** SQL type of a column. */
  columnType(type: ColumnType): string;
  /** What follows a `create table` whose primary key is not a single integer, to keep rows inside the key. */
  readonly keyedTableSuffix: string;
  /** `column in (the list)`, where the list is one parameter made by {@link listParameter}. */
  inList(column: string, parameter: string, type: 'int' | 'text'): string;
  listParameter(values: readonly (string | number)[]): unknown;
  /** A case-insensitive `column contains parameter` for short texts; the parameter is made by {@link likePattern}. */
  containsText(column: string, parameter: string): string;
  /** `greatest(a, b)` of two integers. */
  greatest(a: string, b: string): string;
  readonly textIndex: TextIndex;
}

/** A pattern that finds `text` anywhere, with the wildcards in it made literal (escape character `\`). */
export function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
}
