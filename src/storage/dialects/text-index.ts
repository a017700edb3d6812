/** Words to look for, as `storage/contract/search.ts` has them. */
export interface TextSearch {
  readonly labels: readonly string[];
  readonly phrases: readonly { readonly words: readonly string[]; readonly isPrefix: boolean }[];
}

/**
 * An index of texts under numbers. A text comes as words that consist of letters and digits, separated by blanks, and
 * has labels beside them. All answers are SQL; the arguments are names of tables or aliases, and placeholders.
 */
export interface TextIndex {
  /** The statements that make one. */
  create(table: string): readonly string[];
  /** Puts a text in the place of what is there under its number. */
  put(table: string, id: string, labels: string, words: string): string;
  remove(table: string, id: string): string;
  /** The column with the number. */
  id(alias: string): string;
  /** Whether a text is found by a parameter made by {@link query}. */
  matches(table: string, alias: string, parameter: string): string;
  /** How well it fits: the greater the better. */
  rank(table: string, alias: string, parameter: string): string;
  /** What is looked for, as a parameter. */
  query(search: TextSearch): string;
}
