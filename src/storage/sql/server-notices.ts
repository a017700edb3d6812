import type { ServerNoticeStore } from '../contract/server-notices.ts';
import { type MutationDefinitions, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const roomOf = query<{ user: string }, { room_id: string }>(
  'select room_id from server_notice_rooms where user_id = :user',
);

export function serverNoticeStore(db: Reader): ServerNoticeStore {
  return { roomOf: (user) => db.one(roomOf, { user }) };
}

export const serverNoticeMutations = {
  'server_notice_rooms.put': upsert('server_notice_rooms', { user_id: 'text', room_id: 'text' }, ['user_id']),
} satisfies Partial<MutationDefinitions>;
