import type { Migration } from '../src/storage/migration.ts';

/** Finding users by the words of their names. */
export const userDirectory: Migration = {
  name: '0006-user-directory',
  up({ table, index }) {
    // Words are bytes, which both engines compare alike: a prefix is a range.
    table('user_directory_words', { word: 'bytes', user_id: 'text' }, ['word', 'user_id']);
    index('user_directory_words_by_user', 'user_directory_words', ['user_id']);
    // Rooms that anybody may join or read.
    table('open_rooms', { room_nid: 'int' }, ['room_nid']);
  },
};
