import type { DirectoryStore, RoomAliasRow } from '../contract/directory.ts';
import { insert, insertIfAbsent, type MutationDefinitions, remove, statement } from './mutation.ts';
import { query, type Reader } from './query.ts';

const alias = query<{ alias: string }, RoomAliasRow>(
  `select a.*, r.room_id from room_aliases a join rooms r on r.room_nid = a.room_nid where a.alias = :alias`,
);
const aliasesOf = query<{ room: number }, RoomAliasRow>(
  `select a.*, r.room_id from room_aliases a join rooms r on r.room_nid = a.room_nid where a.room_nid = :room
   order by a.created_at, a.alias`,
);
const stateOfRooms = query<
  { rooms: readonly number[]; types: readonly string[] },
  { room_nid: number; type: string; json: string }
>(
  (d) => `select k.room_nid, k.type, e.json from state_keys k
   join current_state c on c.room_nid = k.room_nid and c.key_nid = k.key_nid
   join events e on e.event_nid = c.event_nid
   where ${d.inList('k.room_nid', ':rooms', 'int')} and k.state_key = '' and ${d.inList('k.type', ':types', 'text')}`,
);
const joinedCounts = query<{ rooms: readonly number[] }, { room_nid: number; count: number }>(
  (d) => `select k.room_nid, count(*) as count from state_keys k
   join memberships m on m.user_id = k.state_key and m.room_nid = k.room_nid
   where ${d.inList('k.room_nid', ':rooms', 'int')} and k.type = 'm.room.member' and m.membership = 'join'
   group by k.room_nid`,
);

export function directoryStore(db: Reader): DirectoryStore {
  return {
    alias: (name) => db.one(alias, { alias: name }),
    aliasesOf: (room) => db.all(aliasesOf, { room }),
    stateOfRooms: (rooms, types) => db.all(stateOfRooms, { rooms, types }),
    joinedCounts: (rooms) => db.all(joinedCounts, { rooms }),
  };
}

export const directoryMutations = {
  'room_aliases.insert': insert('room_aliases', {
    alias: 'text',
    room_nid: 'int',
    creator: 'text',
    created_at: 'int',
  }),
  'room_aliases.move': statement(
    { from_room_nid: 'int', to_room_nid: 'int' },
    'update room_aliases set room_nid = :to_room_nid where room_nid = :from_room_nid',
  ),
  'room_aliases.delete': remove('room_aliases', { alias: 'text' }, { expectOne: true }),
  'network_rooms.put': insertIfAbsent('network_rooms', { instance_id: 'text', room_nid: 'int' }),
  'network_rooms.delete': remove('network_rooms', { instance_id: 'text', room_nid: 'int' }),
} satisfies Partial<MutationDefinitions>;
