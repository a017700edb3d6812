import type { Migration } from '../../../storage/migration.ts';

/** The private rooms of moderators, of channels that have one. */
export const liveModRooms: Migration = {
  name: '0045-live-mod-rooms',
  up({ table }) {
    table('live_mod_rooms', { channel_id: 'text', room_id: 'text', by_user: 'text', created_at: 'int' }, [
      'channel_id',
    ]);
  },
};
