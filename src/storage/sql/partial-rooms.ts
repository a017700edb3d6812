import type { PartialRoomRow, PartialRoomStore } from '../contract/partial-rooms.ts';
import { insert, type MutationDefinitions, remove, statement, update, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const of = query<{ room: number }, PartialRoomRow>('select * from partial_rooms where room_nid = :room');
const unfinished = query<Record<never, never>, { room_id: string }>(
  `select r.room_id from partial_rooms p join rooms r on r.room_nid = p.room_nid where p.full_at is null
   order by p.room_nid`,
);
const events = query<{ room: number }, { event_nid: number }>(
  'select event_nid from partial_events where room_nid = :room order by place',
);
const lastPlace = query<{ room: number }, { n: number }>(
  'select coalesce(max(place), 0) as n from partial_events where room_nid = :room',
);

export function partialRoomStore(db: Reader): PartialRoomStore {
  return {
    of: (room) => db.one(of, { room }),
    unfinished: async () => (await db.all(unfinished, {})).map((row) => row.room_id),
    events: async (room) => (await db.all(events, { room })).map((row) => row.event_nid),
    lastPlace: async (room) => (await db.one(lastPlace, { room }))!.n,
  };
}

export const partialRoomMutations = {
  'partial_rooms.put': upsert(
    'partial_rooms',
    {
      room_nid: 'int',
      join_nid: 'int',
      origin: 'text',
      servers: 'text',
      attempts: 'int',
      retry_at: 'int',
      full_at: 'int',
    },
    ['room_nid'],
  ),
  'partial_rooms.retry': update('partial_rooms', { room_nid: 'int' }, { attempts: 'int', retry_at: 'int' }),
  'partial_rooms.full': statement(
    { room_nid: 'int', full_at: 'position' },
    `update partial_rooms set full_at = :full_at, servers = '[]' where room_nid = :room_nid`,
  ),
  'partial_rooms.delete': remove('partial_rooms', { room_nid: 'int' }),
  'partial_events.insert': insert('partial_events', { room_nid: 'int', place: 'int', event_nid: 'int' }),
  'partial_events.deleteOf': remove('partial_events', { room_nid: 'int' }),
  'events.setState': update(
    'events',
    { event_nid: 'int' },
    { kind: 'int', state_layer: 'int', state_before: 'int' },
    { expectOne: true },
  ),
  'events.withdraw': statement(
    { event_nid: 'int' },
    'update events set stream_position = null, chunk_index = null where event_nid = :event_nid',
  ),
} satisfies Partial<MutationDefinitions>;
