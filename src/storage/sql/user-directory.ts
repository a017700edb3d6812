import type { MemberRow, UserDirectoryStore } from '../contract/user-directory.ts';
import { insertIfAbsent, type MutationDefinitions, remove } from './mutation.ts';
import { query, type Reader } from './query.ts';

interface SearchParams extends Record<string, Uint8Array | string | number> {
  first: Uint8Array;
  end: Uint8Array;
  user: string;
  everybody: number;
  open: number;
  max: number;
}

const search = query<SearchParams, { user_id: string }>(
  `select distinct w.user_id from user_directory_words w
   where w.word >= :first and w.word < :end and w.user_id <> :user and (:everybody = 1 or exists (
     select 1 from memberships m where m.user_id = w.user_id and m.membership = 'join' and (
       (:open = 1 and exists (select 1 from open_rooms o where o.room_nid = m.room_nid))
       or exists (select 1 from memberships own
         where own.user_id = :user and own.room_nid = m.room_nid and own.membership = 'join'))))
   limit :max`,
);

/** The latest one. */
const seenBy = query<{ user: string; users: readonly string[]; open: number }, MemberRow>(
  (d) => `select m.user_id, max(m.event_nid) as event_nid from memberships m
   where ${d.inList('m.user_id', ':users', 'text')} and m.membership = 'join' and (
     (:open = 1 and exists (select 1 from open_rooms o where o.room_nid = m.room_nid))
     or exists (select 1 from memberships own
       where own.user_id = :user and own.room_nid = m.room_nid and own.membership = 'join'))
   group by m.user_id`,
);

const withoutWords = query<{ max: number }, MemberRow>(
  `select m.user_id, max(m.event_nid) as event_nid from memberships m where m.membership = 'join'
   and not exists (select 1 from user_directory_words w where w.user_id = m.user_id)
   and not exists (select 1 from users u where u.user_id = m.user_id)
   group by m.user_id limit :max`,
);

export function userDirectoryStore(db: Reader): UserDirectoryStore {
  return {
    search: (prefix, user, max, reach) => {
      const shown = { everybody: reach === 'everybody' ? 1 : 0, open: reach === 'public' ? 1 : 0 };
      return db.all(search, { first: prefix, end: endOf(prefix), user, max, ...shown });
    },
    seenBy: async (user, users, reach) =>
      users.length === 0 ? [] : db.all(seenBy, { user, users, open: reach === 'shared' ? 0 : 1 }),
    withoutWords: (max) => db.all(withoutWords, { max }),
  };
}

/** What follows everything that starts with the prefix: no byte of UTF-8 is 0xff. */
function endOf(prefix: Uint8Array): Uint8Array {
  return Uint8Array.of(...prefix, 0xff);
}

export const userDirectoryMutations = {
  'user_directory_words.put': insertIfAbsent('user_directory_words', { word: 'bytes', user_id: 'text' }),
  'user_directory_words.deleteOf': remove('user_directory_words', { user_id: 'text' }),
  'open_rooms.put': insertIfAbsent('open_rooms', { room_nid: 'int' }),
  'open_rooms.delete': remove('open_rooms', { room_nid: 'int' }),
} satisfies Partial<MutationDefinitions>;
