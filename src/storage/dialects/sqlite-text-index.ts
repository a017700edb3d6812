import type { TextIndex } from './text-index.ts';

/** FTS5 without a copy of the texts. https://sqlite.org/fts5.html */
export const sqliteTextIndex: TextIndex = {
  create: (table) => [
    `create virtual table ${table} using fts5(labels, words, content='', contentless_delete=1,
       tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* Co'")`,
  ],
  put: (table, id, labels, words) =>
    `insert or replace into ${table} (rowid, labels, words) values (${id}, ${labels}, ${words})`,
  remove: (table, id) => `delete from ${table} where rowid = ${id}`,
  id: (alias) => `${alias}.rowid`,
  matches: (table, _alias, parameter) => `${table} match ${parameter}`,
  // The labels weigh nothing; FTS5 says of the best fit that it is the least.
  rank: (table) => `-bm25(${table}, 0.0, 1.0)`,
  query({ labels, phrases }) {
    const wanted = phrases.map(({ words, isPrefix }) => `"${words.join(' ')}"${isPrefix ? ' *' : ''}`);
    const found = `words : (${wanted.join(' AND ')})`;
    return labels.length === 0 ? found : `labels : (${labels.map((label) => `"${label}"`).join(' OR ')}) AND ${found}`;
  },
};
