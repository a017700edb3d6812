import type { TextIndex } from './text-index.ts';

/** The words of a text with their places; PostgreSQL's own parser would cut some of them in its own way. */
const vectorOf = (words: string) =>
  `(select coalesce(string_agg('''' || word || ''':' || least(nth, 16383), ' '), '')::tsvector
    from unnest(string_to_array(${words}, ' ')) with ordinality as given (word, nth) where word <> '')`;

const quoted = (word: string) => `'${word}'`;
/** Words are in small letters: no label is one. */
const labelled = (label: string) => `'${label.toUpperCase()}'`;

/** A column of vectors with a GIN index, without the list of additions that every search would have to read through. https://www.postgresql.org/docs/current/textsearch.html */
export const postgresTextIndex: TextIndex = {
  create: (table) => [
    `create table ${table} (event_nid bigint primary key, terms tsvector not null)`,
    `create index ${table}_terms on ${table} using gin (terms) with (fastupdate = off)`,
  ],
  put: (table, id, labels, words) =>
    `insert into ${table} (event_nid, terms)
     values (${id}, array_to_tsvector(string_to_array(upper(${labels}), ' ')) || ${vectorOf(words)})
     on conflict (event_nid) do update set terms = excluded.terms`,
  remove: (table, id) => `delete from ${table} where event_nid = ${id}`,
  id: (alias) => `${alias}.event_nid`,
  matches: (_table, alias, parameter) => `${alias}.terms @@ cast(${parameter} as tsquery)`,
  // 1: divided by the logarithm of the length, so that short messages that say it come first.
  rank: (_table, alias, parameter) =>
    `cast(ts_rank(${alias}.terms, cast(${parameter} as tsquery), 1) as double precision)`,
  query({ labels, phrases }) {
    const wanted = phrases.map(({ words, isPrefix }) => {
      const last = words.length - 1;
      return words.map((word, i) => quoted(word) + (isPrefix && i === last ? ':*' : '')).join(' <-> ');
    });
    const found = wanted.map((phrase) => `(${phrase})`).join(' & ');
    return labels.length === 0 ? found : `(${labels.map(labelled).join(' | ')}) & ${found}`;
  },
};
