import type { Migration } from '../src/storage/migration.ts';

/** What is still to be done for users in the background: erasing what they have left, telling rooms of their new profile. */
export const erasure: Migration = {
  name: '0027-erasure',
  up({ index, sql }) {
    // Stream position at which a user was erased; 0 for those who are not.
    sql('alter table users add column erased_position bigint not null default 0');
    sql('alter table users add column erasing integer not null default 0');
    // Changes of name or avatar that not all rooms have been told of.
    sql('alter table users add column untold_profiles integer not null default 0');
    sql('update users set erasing = erased, erased_position = erased');
    index('users_erased', 'users', ['user_id'], { where: 'erased_position > 0' });
    index('users_untold_profiles', 'users', ['user_id'], { where: 'untold_profiles > 0' });
    index('search_documents_by_sender', 'search_documents', ['sender']);
  },
};
