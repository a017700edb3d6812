import type { Migration } from '../src/storage/migration.ts';

/** Where something is missing in the history of rooms. */
export const gaps: Migration = {
  name: '0014-gaps',
  up({ table }) {
    // Where the pages of a room go on after a gap: the stream position of the first event there. Chunk 0 has no row.
    table('room_chunks', { room_nid: 'int', chunk: 'int', first_position: 'int' }, ['room_nid', 'chunk']);
    // Events that are missing at the beginning of a chunk.
    table('gaps', { room_nid: 'int', event_id: 'text', chunk: 'int' }, ['room_nid', 'event_id']);
  },
};
