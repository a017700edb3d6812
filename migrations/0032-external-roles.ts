import type { Migration } from '../src/storage/migration.ts';

/** The roles that people had elsewhere when they last logged in from there: a JSON array of names. */
export const externalRoles: Migration = {
  name: '0032-external-roles',
  up({ sql }) {
    sql("alter table external_accounts add column roles text not null default '[]'");
  },
};
