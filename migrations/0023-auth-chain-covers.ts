import type { Migration } from '../src/storage/migration.ts';

/** What long auth chains reach, for the resolution of large conflicts. */
export const authChainCovers: Migration = {
  name: '0023-auth-chain-covers',
  up({ table, index }) {
    table('auth_chain_covers', { room_nid: 'int', events: 'int', cover: 'text' }, ['room_nid']);
    index('events_of_state', 'events', ['room_nid', 'event_nid'], { where: 'state_key is not null' });
  },
};
