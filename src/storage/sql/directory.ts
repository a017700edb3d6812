import type { DirectoryStore, RoomAliasRow } from '../contract/directory.ts';
import { insert, type MutationDefinitions, remove } from './mutation.ts';
import { query, type Reader } from './query.ts';

const alias = query<{ alias: string }, RoomAliasRow>(
  `select a.*, r.room_id from room_aliases a join rooms r on r.room_nid = a.room_nid where a.alias = :alias`,
);
const aliasesOf = query<{ room: number }, RoomAliasRow>(
  `select a.*, r.room_id from room_aliases a join rooms r on r.room_nid = a.room_nid where a.room_nid = :room
   order by a.created_at, a.alias`,
);

export function directoryStore(db: Reader): DirectoryStore {
  return {
    alias: (name) => db.one(alias, { alias: name }),
    aliasesOf: (room) => db.all(aliasesOf, { room }),
  };
}

export const directoryMutations = {
  'room_aliases.insert': insert('room_aliases', {
    alias: 'text',
    room_nid: 'int',
    creator: 'text',
    created_at: 'int',
  }),
  'room_aliases.delete': remove('room_aliases', { alias: 'text' }, { expectOne: true }),
} satisfies Partial<MutationDefinitions>;
