import type { Migration } from '../src/storage/migration.ts';

/** Users who are to have in a room what they kept for the one that it replaces. */
export const successions: Migration = {
  name: '0039-successions',
  up({ table }) {
    // Without a user: all who are in the successor of the room.
    table('successions', { user_id: 'text', room_id: 'text' }, ['user_id', 'room_id']);
  },
};
