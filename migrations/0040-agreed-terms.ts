import type { Migration } from '../src/storage/migration.ts';

/** The versions of the terms that users have agreed to, and of which they were told: null for none. */
export const agreedTerms: Migration = {
  name: '0040-agreed-terms',
  up({ sql }) {
    sql('alter table users add column agreed_terms text');
    sql('alter table users add column told_terms text');
  },
};
