import type { Migration } from '../src/storage/migration.ts';

/** Finding events by their words. All of it is derived from events, and left out of copies between engines. */
export const search: Migration = {
  name: '0011-search',
  up({ dialect, table, sql }) {
    for (const statement of dialect.textIndex.create('search_index')) sql(statement);
    table(
      'search_documents',
      {
        event_nid: 'int',
        room_nid: 'int',
        position: 'int',
        sender: 'text',
        // 0 content.body, 1 content.name, 2 content.topic
        text_key: 'int',
      },
      ['event_nid'],
    );
    // Redacted edits do not say any more what they were edits of.
    table('search_edits', { edit_nid: 'int', event_nid: 'int' }, ['edit_nid']);
    // Up to which stream position the events of a room have been indexed.
    table('search_progress', { room_nid: 'int', position: 'int' }, ['room_nid']);
  },
};
