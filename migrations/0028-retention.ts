import type { Migration } from '../src/storage/migration.ts';

/** What is needed to delete messages whose time is over. */
export const retention: Migration = {
  name: '0028-retention',
  up({ table, index }) {
    // Which messages show which files, so that a file goes with the last of them.
    table('media_references', { mxc: 'text', event_nid: 'int' }, ['mxc', 'event_nid']);
    // How many events of a room had notified up to the last that was deleted: none of them is unread any more.
    table('retention_floors', { room_nid: 'int', notify_main: 'int' }, ['room_nid']);
    index('event_notifications_by_position', 'event_notifications', ['room_nid', 'position']);
  },
};
