import type { DeviceListChangeRow, DeviceListStore, MemberMovementRow } from '../contract/device-lists.ts';
import { type MutationDefinitions, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

type Span = { rooms: readonly number[]; after: number; up_to: number };

const changedSince = query<{ after: number; viewer: string }, DeviceListChangeRow>(
  `select * from device_list_changes where position > :after and (seen_by = '' or seen_by = :viewer)`,
);
const joinedIn = query<{ users: readonly string[]; rooms: readonly number[] }, { user_id: string; room_nid: number }>(
  (d) => `select user_id, room_nid from memberships where membership = 'join'
   and ${d.inList('user_id', ':users', 'text')} and ${d.inList('room_nid', ':rooms', 'int')}`,
);
const memberMovements = query<Span, MemberMovementRow>(
  (d) => `select distinct c.room_nid, k.state_key as user_id, m.membership from current_state_deltas c
   join state_keys k on k.room_nid = c.room_nid and k.key_nid = c.key_nid
   left join memberships m on m.user_id = k.state_key and m.room_nid = c.room_nid
   where ${d.inList('c.room_nid', ':rooms', 'int')} and c.position > :after and c.position <= :up_to
   and k.type = 'm.room.member'`,
);
const encryptionChanges = query<Span, { room_nid: number }>(
  (d) => `select distinct c.room_nid from current_state_deltas c
   join state_keys k on k.room_nid = c.room_nid and k.key_nid = c.key_nid
   where ${d.inList('c.room_nid', ':rooms', 'int')} and c.position > :after and c.position <= :up_to
   and k.type = 'm.room.encryption' and k.state_key = ''`,
);

const streamId = query<{ user: string }, { stream_id: number }>(
  'select stream_id from device_list_streams where user_id = :user',
);

export function deviceListStore(db: Reader): DeviceListStore {
  return {
    changedSince: (after, viewer) => db.all(changedSince, { after, viewer }),
    streamId: async (user) => (await db.one(streamId, { user }))?.stream_id ?? 0,
    joinedIn: async (users, rooms) =>
      users.length === 0 || rooms.length === 0 ? [] : db.all(joinedIn, { users, rooms }),
    memberMovements: async (rooms, after, up_to) =>
      rooms.length === 0 ? [] : db.all(memberMovements, { rooms, after, up_to }),
    encryptionChanges: async (rooms, after, up_to) =>
      rooms.length === 0 ? [] : db.all(encryptionChanges, { rooms, after, up_to }),
  };
}

export const deviceListMutations = {
  'device_list_streams.put': upsert('device_list_streams', { user_id: 'text', stream_id: 'position' }, ['user_id']),
  'device_list_changes.put': upsert('device_list_changes', { user_id: 'text', seen_by: 'text', position: 'position' }, [
    'user_id',
    'seen_by',
  ]),
} satisfies Partial<MutationDefinitions>;
