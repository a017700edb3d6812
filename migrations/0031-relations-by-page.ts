import type { Migration } from '../src/storage/migration.ts';

/** Where in the pages related events stand: the newest of tens of thousands are found without a look at the others. */
export const relationsByPage: Migration = {
  name: '0031-relations-by-page',
  up({ dialect, index, sql }) {
    const int = dialect.columnType('int');
    sql(`alter table event_relations add column chunk ${int}`);
    sql(`alter table event_relations add column chunk_index ${int}`);
    sql(
      `update event_relations set
       chunk = (select chunk from events where events.event_nid = event_relations.event_nid),
       chunk_index = (select chunk_index from events where events.event_nid = event_relations.event_nid)`,
    );
    index('event_relations_by_page', 'event_relations', [
      'room_nid',
      'relates_to',
      'chunk',
      'chunk_index',
      'rel_type',
      'event_nid',
    ]);
    index('events_by_thread_page', 'events', ['room_nid', 'thread_root', 'chunk', 'chunk_index'], {
      where: 'thread_root is not null',
    });
  },
};
