import type { EventRow } from '../contract/events.ts';
import type {
  ChunkRow,
  GapRow,
  MembershipRow,
  RoomRow,
  RoomStore,
  StateDeltaRow,
  StateHistoryRow,
  StateKeyRow,
  StateLayerRow,
} from '../contract/rooms.ts';
import { insert, insertIfAbsent, type MutationDefinitions, remove, update, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const byId = query<{ room_id: string }, RoomRow>('select * from rooms where room_id = :room_id');
const byNids = query<{ nids: readonly number[] }, RoomRow>(
  (d) => `select * from rooms where ${d.inList('room_nid', ':nids', 'int')}`,
);
const IS_FULL = `not exists (
  select 1 from partial_rooms p where p.room_nid = r.room_nid and p.full_at is null)`;
const publicRooms = query<Record<never, never>, RoomRow>(`select * from rooms r where is_public = 1 and ${IS_FULL}`);
const roomsOfNetwork = query<{ instance: string }, RoomRow>(
  `select r.* from network_rooms n join rooms r on r.room_nid = n.room_nid
   where n.instance_id = :instance and ${IS_FULL}`,
);
const roomsOfAllNetworks = query<Record<never, never>, RoomRow>(
  `select * from rooms r where ${IS_FULL} and room_nid in (
     select room_nid from rooms where is_public = 1 union select room_nid from network_rooms)`,
);
const currentState = query<{ room: number }, EventRow & { key_nid: number }>(
  `select e.*, c.key_nid from current_state c join events e on e.event_nid = c.event_nid where c.room_nid = :room`,
);
const stateKeys = query<{ room: number }, StateKeyRow>(
  'select key_nid, type, state_key from state_keys where room_nid = :room',
);
const lastStateKey = query<{ room: number }, { n: number }>(
  'select coalesce(max(key_nid), 0) as n from state_keys where room_nid = :room',
);
const absentKeys = query<{ room: number }, StateKeyRow>(
  `select key_nid, type, state_key from state_keys k where room_nid = :room and not exists (
     select 1 from current_state c where c.room_nid = k.room_nid and c.key_nid = k.key_nid)`,
);
const stateChangedAt = query<{ room: number }, { n: number }>(
  'select coalesce(max(position), 0) as n from current_state_deltas where room_nid = :room',
);
const resolvedState = query<{ room: number }, { state_layer: number }>(
  'select state_layer from resolved_states where room_nid = :room',
);
const chunks = query<{ room: number }, ChunkRow>(
  'select chunk, first_position from room_chunks where room_nid = :room order by chunk',
);
const gaps = query<{ room: number }, GapRow>('select event_id, chunk from gaps where room_nid = :room');
const layers = query<{ layer: number }, StateLayerRow>(
  `with recursive chain (layer_nid, room_nid, parent, depth, size, diff) as (
     select layer_nid, room_nid, parent, depth, size, diff from state_layers where layer_nid = :layer
     union all
     select l.layer_nid, l.room_nid, l.parent, l.depth, l.size, l.diff
     from state_layers l join chain c on l.layer_nid = c.parent)
   select * from chain order by depth desc`,
);
const authChainCover = query<{ room: number }, { cover: string }>(
  'select cover from auth_chain_covers where room_nid = :room',
);
const lastPositions = query<{ nids: readonly number[] }, { room_id: string; position: number }>(
  (d) => `select r.room_id, ${d.greatest(
    `coalesce((select max(e.stream_position) from events e
       where e.room_nid = r.room_nid and e.stream_position is not null), 0)`,
    d.greatest(
      'coalesce((select max(p.position) from receipts p where p.room_nid = r.room_nid), 0)',
      'coalesce((select f.full_at from partial_rooms f where f.room_nid = r.room_nid), 0)',
    ),
  )} as position
   from rooms r where ${d.inList('r.room_nid', ':nids', 'int')}`,
);
const forwardExtremities = query<{ room: number }, EventRow>(
  `select e.* from forward_extremities f join events e on e.event_nid = f.event_nid where f.room_nid = :room
   order by e.event_nid`,
);
const stateDeltas = query<{ room: number; after: number; up_to: number }, StateDeltaRow>(
  `select d.position, k.type, k.state_key, d.old_event_nid, d.new_event_nid
   from current_state_deltas d join state_keys k on k.room_nid = d.room_nid and k.key_nid = d.key_nid
   where d.room_nid = :room and d.position > :after and d.position <= :up_to order by d.position`,
);
const stateHistory = query<{ room: number; key: number }, StateHistoryRow>(
  `select position, new_event_nid as event_nid from current_state_deltas
   where room_nid = :room and key_nid = :key order by position`,
);
const stateReplacing = query<{ room: number; event: number; position: number }, EventRow>(
  `select e.* from current_state_deltas d join events e on e.event_nid = d.new_event_nid
   where d.room_nid = :room and d.position > :position and d.old_event_nid = :event order by d.position limit 1`,
);
const stateAt = query<{ room: number; keys: readonly number[]; position: number }, EventRow>(
  (d) => `select e.* from (
     select key_nid, max(position) as position from current_state_deltas
     where room_nid = :room and ${d.inList('key_nid', ':keys', 'int')} and position <= :position group by key_nid) last
   join current_state_deltas c on c.room_nid = :room and c.position = last.position and c.key_nid = last.key_nid
   join events e on e.event_nid = c.new_event_nid`,
);
const membership = query<{ user: string; room: number }, MembershipRow>(
  `select m.*, r.room_id from memberships m join rooms r on r.room_nid = m.room_nid
   where m.user_id = :user and m.room_nid = :room`,
);
const membershipsOf = query<{ user: string }, MembershipRow>(
  `select m.*, r.room_id from memberships m join rooms r on r.room_nid = m.room_nid where m.user_id = :user`,
);
const membersOf = query<{ room: number }, MembershipRow>(
  `select m.*, r.room_id from current_state c
   join state_keys k on k.room_nid = c.room_nid and k.key_nid = c.key_nid and k.type = 'm.room.member'
   join memberships m on m.user_id = k.state_key and m.room_nid = c.room_nid
   join rooms r on r.room_nid = m.room_nid where c.room_nid = :room`,
);

export function roomStore(db: Reader): RoomStore {
  return {
    byId: (room_id) => db.one(byId, { room_id }),
    byNids: async (nids) => (nids.length === 0 ? [] : db.all(byNids, { nids })),
    publicRooms: (list) => {
      if (list === 'own') return db.all(publicRooms, {});
      return list === 'all' ? db.all(roomsOfAllNetworks, {}) : db.all(roomsOfNetwork, list);
    },
    currentState: (room) => db.all(currentState, { room }),
    stateKeys: (room) => db.all(stateKeys, { room }),
    lastStateKey: async (room) => (await db.one(lastStateKey, { room }))!.n,
    absentKeys: (room) => db.all(absentKeys, { room }),
    stateChangedAt: async (room) => (await db.one(stateChangedAt, { room }))!.n,
    resolvedState: async (room) => (await db.one(resolvedState, { room }))?.state_layer,
    chunks: (room) => db.all(chunks, { room }),
    gaps: (room) => db.all(gaps, { room }),
    layers: (layer) => db.all(layers, { layer }),
    authChainCover: async (room) => (await db.one(authChainCover, { room }))?.cover,
    lastPositions: async (nids) => (nids.length === 0 ? [] : db.all(lastPositions, { nids })),
    forwardExtremities: (room) => db.all(forwardExtremities, { room }),
    stateDeltas: (room, after, up_to) => db.all(stateDeltas, { room, after, up_to }),
    stateHistory: (room, key) => db.all(stateHistory, { room, key }),
    stateReplacing: (room, event, position) => db.one(stateReplacing, { room, event, position }),
    stateAt: async (room, keys, position) => (keys.length === 0 ? [] : db.all(stateAt, { room, keys, position })),
    membership: (user, room) => db.one(membership, { user, room }),
    membershipsOf: (user) => db.all(membershipsOf, { user }),
    membersOf: (room) => db.all(membersOf, { room }),
  };
}

export const roomMutations = {
  'rooms.insert': insert('rooms', {
    room_nid: 'int',
    room_id: 'text',
    version: 'text',
    is_public: 'int',
    created_at: 'int',
  }),
  'rooms.setVersion': update('rooms', { room_nid: 'int' }, { version: 'text' }),
  'rooms.setPublic': update('rooms', { room_nid: 'int' }, { is_public: 'int' }),
  'state_keys.insert': insertIfAbsent('state_keys', {
    room_nid: 'int',
    key_nid: 'int',
    type: 'text',
    state_key: 'text',
  }),
  'state_layers.insert': insert('state_layers', {
    layer_nid: 'int',
    room_nid: 'int',
    parent: 'int',
    depth: 'int',
    size: 'int',
    diff: 'bytes',
  }),
  'current_state.put': upsert('current_state', { room_nid: 'int', key_nid: 'int', event_nid: 'int' }, [
    'room_nid',
    'key_nid',
  ]),
  'room_chunks.insert': insert('room_chunks', { room_nid: 'int', chunk: 'int', first_position: 'position' }),
  'gaps.put': upsert('gaps', { room_nid: 'int', event_id: 'text', chunk: 'int' }, ['room_nid', 'event_id']),
  'gaps.delete': remove('gaps', { room_nid: 'int', event_id: 'text' }),
  'current_state.delete': remove('current_state', { room_nid: 'int', key_nid: 'int' }),
  'auth_chain_covers.put': upsert('auth_chain_covers', { room_nid: 'int', events: 'int', cover: 'text' }, ['room_nid']),
  'resolved_states.put': upsert('resolved_states', { room_nid: 'int', state_layer: 'int' }, ['room_nid']),
  'current_state_deltas.insert': insert('current_state_deltas', {
    room_nid: 'int',
    position: 'position',
    key_nid: 'int',
    old_event_nid: 'int',
    new_event_nid: 'int',
  }),
  'forward_extremities.insert': insert('forward_extremities', { room_nid: 'int', event_nid: 'int' }),
  'forward_extremities.delete': remove('forward_extremities', { room_nid: 'int', event_nid: 'int' }),
  'memberships.put': upsert(
    'memberships',
    {
      user_id: 'text',
      room_nid: 'int',
      membership: 'text',
      event_nid: 'int',
      position: 'position',
      forgotten: 'int',
      stripped_state: 'text',
    },
    ['user_id', 'room_nid'],
  ),
  'memberships.rename': update('memberships', { user_id: 'text', room_nid: 'int' }, { event_nid: 'int' }),
  'memberships.forget': update('memberships', { user_id: 'text', room_nid: 'int' }, { forgotten: 'int' }),
} satisfies Partial<MutationDefinitions>;
