import type { Migration } from '../src/storage/migration.ts';

/** Where in the pages the latest event of each thread stands: the threads of a room are listed without a look at what is in them. */
export const threads: Migration = {
  name: '0037-threads',
  up({ table, index, sql }) {
    table('threads', { room_nid: 'int', thread_root: 'text', chunk: 'int', chunk_index: 'int' }, [
      'room_nid',
      'thread_root',
    ]);
    index('threads_by_page', 'threads', ['room_nid', 'chunk', 'chunk_index', 'thread_root']);
    sql(
      `insert into threads (room_nid, thread_root, chunk, chunk_index)
       select room_nid, thread_root, chunk, chunk_index from (
         select room_nid, thread_root, chunk, chunk_index, row_number() over (
           partition by room_nid, thread_root order by chunk desc, chunk_index desc) as nth
         from events where thread_root is not null and chunk_index is not null) latest
       where nth = 1`,
    );
  },
};
