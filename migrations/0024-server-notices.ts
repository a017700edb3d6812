import type { Migration } from '../src/storage/migration.ts';

/** In which room each user is told what the server has to say. */
export const serverNotices: Migration = {
  name: '0024-server-notices',
  up({ table }) {
    table('server_notice_rooms', { user_id: 'text', room_id: 'text' }, ['user_id']);
  },
};
