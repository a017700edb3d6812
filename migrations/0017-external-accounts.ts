import type { Migration } from '../src/storage/migration.ts';

/** Accounts of users of other applications, and who is without rate limits. */
export const externalAccounts: Migration = {
  name: '0017-external-accounts',
  up({ table, index, sql }) {
    table('external_accounts', { issuer: 'text', subject: 'text', user_id: 'text', created_at: 'int' }, [
      'issuer',
      'subject',
    ]);
    index('external_accounts_by_user', 'external_accounts', ['user_id']);
    sql('alter table users add column unlimited integer not null default 0');
  },
};
