import type { Migration } from '../../../storage/migration.ts';

/** Which moments of a replay were for members alone. */
export const liveIndexForMembers: Migration = {
  name: '0044-live-index-for-members',
  up({ sql }) {
    sql('alter table live_index add column for_members integer not null default 0');
  },
};
