import type { EventRow } from '../contract/events.ts';
import type { RetentionStore } from '../contract/retention.ts';
import type { RoomRow } from '../contract/rooms.ts';
import { insertIfAbsent, type MutationDefinitions, remove, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const rooms = query<{ after: number; limit: number }, RoomRow>(
  `select * from rooms where room_nid > :after
   and room_nid not in (select room_nid from partial_rooms where full_at is null) order by room_nid limit :limit`,
);
// Only what is shown has a place in the pages.
const expired = query<{ room: number; before: number; limit: number }, EventRow>(
  `select * from events where room_nid = :room and chunk_index is not null and state_key is null
   and origin_server_ts < :before
   and event_nid not in (select event_nid from forward_extremities where room_nid = :room)
   and (stream_position is null or stream_position < (select max(stream_position) from events where room_nid = :room))
   order by chunk, chunk_index limit :limit`,
);
const firstKept = query<{ room: number; before: number; up_to: number }, { stream_position: number }>(
  `select stream_position from events where room_nid = :room and stream_position is not null
   and stream_position <= :up_to and state_key is null and origin_server_ts >= :before
   order by stream_position limit 1`,
);
const floor = query<{ room: number }, { notify_main: number }>(
  'select notify_main from retention_floors where room_nid = :room',
);
const mediaOf = query<{ nids: readonly number[] }, { mxc: string; event_nid: number }>(
  (d) => `select mxc, event_nid from media_references where ${d.inList('event_nid', ':nids', 'int')}`,
);
const shownMedia = query<{ mxcs: readonly string[] }, { mxc: string }>(
  (d) => `select distinct mxc from media_references where ${d.inList('mxc', ':mxcs', 'text')}`,
);
const unusedFiles = query<{ after: string; limit: number }, { mxc: string }>(
  'select mxc from unused_files where mxc > :after order by mxc limit :limit',
);

export function retentionStore(db: Reader): RetentionStore {
  return {
    rooms: (after, limit) => db.all(rooms, { after, limit }),
    expired: (room, before, limit) => db.all(expired, { room, before, limit }),
    firstKept: async (room, before, up_to) => (await db.one(firstKept, { room, before, up_to }))?.stream_position,
    floor: async (room) => (await db.one(floor, { room }))?.notify_main ?? 0,
    mediaOf: (nids) => db.all(mediaOf, { nids }),
    shownMedia: async (mxcs) => (mxcs.length === 0 ? [] : db.all(shownMedia, { mxcs })),
    unusedFiles: (after, limit) => db.all(unusedFiles, { after, limit }),
  };
}

const reference = { mxc: 'text', event_nid: 'int' } as const;

export const retentionMutations = {
  'events.delete': remove('events', { event_nid: 'int' }),
  'events.unrelate': remove('event_relations', {
    room_nid: 'int',
    relates_to: 'text',
    rel_type: 'text',
    event_nid: 'int',
  }),
  'threads.settle': statement(
    { room_nid: 'int', thread_root: 'text' },
    `delete from threads where room_nid = :room_nid and thread_root = :thread_root and not exists (
       select 1 from events where events.room_nid = threads.room_nid and events.thread_root = threads.thread_root
       and events.chunk_index is not null)`,
  ),
  'event_notifications.deleteAt': remove('event_notifications', { room_nid: 'int', position: 'int' }),
  'retention_floors.put': upsert('retention_floors', { room_nid: 'int', notify_main: 'int' }, ['room_nid']),
  'media_references.put': insertIfAbsent('media_references', reference),
  'media_references.delete': remove('media_references', reference),
  'unused_files.put': insertIfAbsent('unused_files', { mxc: 'text' }),
  'unused_files.delete': remove('unused_files', { mxc: 'text' }),
} satisfies Partial<MutationDefinitions>;
