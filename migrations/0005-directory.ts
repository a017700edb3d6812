import type { Migration } from '../src/storage/migration.ts';

/** Addresses of rooms, and the history of single pieces of state. */
export const directory: Migration = {
  name: '0005-directory',
  up({ table, index }) {
    table('room_aliases', { alias: 'text', room_nid: 'int', creator: 'text', created_at: 'int' }, ['alias']);
    index('room_aliases_by_room', 'room_aliases', ['room_nid']);
    index('current_state_deltas_by_key', 'current_state_deltas', ['room_nid', 'key_nid', 'position']);
  },
};
