import type { Migration } from '../src/storage/migration.ts';

/** Users whose rate limits are higher than those of others. */
export const limitsByRole: Migration = {
  name: '0030-limits-by-role',
  up({ sql }) {
    sql('alter table users add column limit_percent integer not null default 100');
  },
};
