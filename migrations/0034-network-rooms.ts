import type { Migration } from '../src/storage/migration.ts';

/** Rooms that application services publish as those of a network that they bridge. */
export const networkRooms: Migration = {
  name: '0034-network-rooms',
  up({ table }) {
    table('network_rooms', { instance_id: 'text', room_nid: 'int' }, ['instance_id', 'room_nid']);
  },
};
