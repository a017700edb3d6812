import type { Migration } from '../src/storage/migration.ts';

/** Rooms that were joined without being told of all members, until the whole state is here. */
export const partialRooms: Migration = {
  name: '0025-partial-rooms',
  up({ table, index }) {
    // `full_at` is the stream position at which the state became whole; null until then. `servers` is a JSON array of
    // those that were said to be in the room. At `retry_at` (ms) they are asked again, after `attempts` rounds.
    table(
      'partial_rooms',
      {
        room_nid: 'int',
        join_nid: 'int',
        origin: 'text',
        servers: 'text',
        attempts: 'int',
        retry_at: 'int',
        full_at: 'int?',
      },
      ['room_nid'],
    );
    // Events that were decided on meanwhile, in this order: they are decided on again with the whole state.
    table('partial_events', { room_nid: 'int', place: 'int', event_nid: 'int' }, ['room_nid', 'place']);
    index('partial_rooms_to_fill', 'partial_rooms', ['room_nid'], { where: 'full_at is null' });
  },
};
