import type { Migration } from '../../../storage/migration.ts';

/** Which channels the world may not read, by the rules of their rooms, and which of their sessions were for members. */
export const livePrivate: Migration = {
  name: '0046-live-private',
  up({ sql }) {
    sql('alter table live_states add column is_private integer not null default 0');
    sql('alter table live_sessions add column for_members integer not null default 0');
  },
};
