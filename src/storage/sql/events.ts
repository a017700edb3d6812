import type { CountingRow, EventNotificationRow, EventRow, EventStore, TransactionRow } from '../contract/events.ts';
import { insert, insertIfAbsent, type MutationDefinitions, remove, statement, update } from './mutation.ts';
import { query, type Reader } from './query.ts';

const byId = query<{ event_id: string }, EventRow>('select * from events where event_id = :event_id');
const byIds = query<{ ids: readonly string[] }, EventRow>(
  (d) => `select * from events where ${d.inList('event_id', ':ids', 'text')}`,
);
const byNids = query<{ nids: readonly number[] }, EventRow>(
  (d) => `select * from events where ${d.inList('event_nid', ':nids', 'int')}`,
);
const stateEvents = query<{ room: number; after: number; limit: number }, EventRow>(
  `select * from events where room_nid = :room and state_key is not null and event_nid > :after
   order by event_nid limit :limit`,
);
const nidsByIds = query<{ room: number; ids: readonly string[] }, { event_id: string; event_nid: number }>(
  (d) => `select event_id, event_nid from events where ${d.inList('event_id', ':ids', 'text')} and room_nid = :room`,
);
const firstIndex = query<{ room: number; chunk: number }, { n: number | null }>(
  `select min(chunk_index) as n from events where room_nid = :room and chunk = :chunk and chunk_index is not null`,
);
const awaitsRedacted = query<{ room: number }, { n: number }>(
  'select 1 as n from pending_redactions where room_nid = :room limit 1',
);
const redactionsOf = query<{ room: number; event_id: string }, { redaction_nid: number }>(
  'select redaction_nid from pending_redactions where room_nid = :room and redacts = :event_id order by redaction_nid',
);
const timelineBackwards = query<{ room: number; after: number; up_to: number; limit: number }, EventRow>(
  `select * from events where room_nid = :room and stream_position is not null and stream_position > :after
   and stream_position <= :up_to order by stream_position desc limit :limit`,
);
// Only what is shown has a place in the pages, so that the index alone answers.
const pageBackwards = query<{ room: number; chunk: number; index: number; limit: number }, { event_nid: number }>(
  `select event_nid from events where room_nid = :room and chunk_index is not null
   and (chunk, chunk_index) <= (:chunk, :index) order by chunk desc, chunk_index desc limit :limit`,
);
const pageForwards = query<{ room: number; chunk: number; index: number; limit: number }, { event_nid: number }>(
  `select event_nid from events where room_nid = :room and chunk_index is not null
   and (chunk, chunk_index) > (:chunk, :index) order by chunk, chunk_index limit :limit`,
);
const threadAtOrBefore = query<{ room: number; root: string; position: number }, EventRow>(
  `select * from events where room_nid = :room and thread_root = :root and stream_position <= :position
   order by stream_position desc limit 1`,
);
const relationSenders = query<
  { room: number; ids: readonly string[] },
  { relates_to: string; rel_type: string; sender: string }
>(
  (d) => `select distinct r.relates_to, r.rel_type, e.sender from event_relations r
   join events e on e.event_nid = r.event_nid
   where r.room_nid = :room and ${d.inList('r.relates_to', ':ids', 'text')} and e.redacted_by is null`,
);
const annotationsBy = query<{ room: number; event_id: string; sender: string; type: string }, EventRow>(
  `select e.* from event_relations r join events e on e.event_nid = r.event_nid
   where r.room_nid = :room and r.relates_to = :event_id and r.rel_type = 'm.annotation'
   and e.sender = :sender and e.type = :type and e.redacted_by is null`,
);
const threads = query<
  { room: number; chunk: number; index: number; limit: number },
  { thread_root: string; chunk: number; chunk_index: number }
>(
  `select thread_root, chunk, chunk_index from threads where room_nid = :room and (chunk, chunk_index) <= (:chunk, :index)
   order by chunk desc, chunk_index desc limit :limit`,
);
const notificationsOf = query<
  { user: string; room: number; after: number; limit: number },
  EventNotificationRow & { notify_all: number; sender: string }
>(
  `select n.*, e.notify as notify_all, e.sender from event_notifications n
   join events e on e.room_nid = n.room_nid and e.stream_position is not null and e.stream_position = n.position
   where n.user_id = :user and n.room_nid = :room and n.position > :after and e.redacted_by is null
   order by n.position limit :limit`,
);
const countingExceptions = query<
  { room: number; after: number; senders: readonly string[]; limit: number },
  CountingRow
>(
  (d) => `select stream_position, thread_root, sender, notify,
     case when redacted_by is null then 0 else 1 end as is_redacted from (
     select stream_position, thread_root, sender, notify, redacted_by from events
     where room_nid = :room and stream_position is not null and stream_position > :after
     order by stream_position desc limit :limit) newest
   where notify = 2 or thread_root is not null or redacted_by is not null or ${d.inList('sender', ':senders', 'text')}
   order by stream_position`,
);
const transaction = query<{ key: Uint8Array }, TransactionRow>(
  'select * from transactions where transaction_key = :key',
);
const transactionsOf = query<{ nids: readonly number[] }, TransactionRow>(
  (d) => `select * from transactions where event_nid is not null and ${d.inList('event_nid', ':nids', 'int')}`,
);

function nidsOf(rows: readonly { event_nid: number }[]): number[] {
  return rows.map((row) => row.event_nid);
}

export function eventStore(db: Reader): EventStore {
  return {
    byId: (event_id) => db.one(byId, { event_id }),
    byIds: async (ids) => (ids.length === 0 ? [] : db.all(byIds, { ids })),
    byNids: async (nids) => (nids.length === 0 ? [] : db.all(byNids, { nids })),
    stateEvents: (room, after, limit) => db.all(stateEvents, { room, after, limit }),
    nidsByIds: async (room, ids) => (ids.length === 0 ? [] : db.all(nidsByIds, { room, ids })),
    awaitsRedacted: async (room) => (await db.one(awaitsRedacted, { room })) !== undefined,
    redactionsOf: async (room, event_id) =>
      (await db.all(redactionsOf, { room, event_id })).map((row) => row.redaction_nid),
    firstIndex: async (room, chunk) => (await db.one(firstIndex, { room, chunk }))?.n ?? undefined,
    timelineBackwards: (room, after, up_to, limit) => db.all(timelineBackwards, { room, after, up_to, limit }),
    pageBackwards: async (room, point, limit) => nidsOf(await db.all(pageBackwards, { room, ...point, limit })),
    pageForwards: async (room, point, limit) => nidsOf(await db.all(pageForwards, { room, ...point, limit })),
    atOrBefore: async (room, position) =>
      (await db.all(timelineBackwards, { room, after: 0, up_to: position, limit: 1 }))[0],
    threadAtOrBefore: (room, root, position) => db.one(threadAtOrBefore, { room, root, position }),
    relationSenders: async (room, ids) => (ids.length === 0 ? [] : db.all(relationSenders, { room, ids })),
    annotationsBy: (room, event_id, sender, type) => db.all(annotationsBy, { room, event_id, sender, type }),
    threads: (room, upTo, limit) => db.all(threads, { room, ...upTo, limit }),
    notificationsOf: (user, room, after, limit) => db.all(notificationsOf, { user, room, after, limit }),
    countingExceptions: (room, after, senders, limit) => db.all(countingExceptions, { room, after, senders, limit }),
    transaction: (key) => db.one(transaction, { key }),
    transactionsOf: async (nids) => (nids.length === 0 ? [] : db.all(transactionsOf, { nids })),
  };
}

const written = {
  event_nid: 'int',
  event_id: 'text',
  room_nid: 'int',
  type: 'text',
  state_key: 'text',
  sender: 'text',
  origin_server_ts: 'int',
  depth: 'int',
  json: 'text',
} as const;
const place = {
  kind: 'int',
  chunk: 'int',
  state_layer: 'int',
  state_before: 'int',
  thread_root: 'text',
  notify: 'int',
  notify_main: 'int',
  unsigned: 'text',
} as const;

const relation = { room_nid: 'int', relates_to: 'text', rel_type: 'text', event_nid: 'int', chunk: 'int' } as const;

/** The latest event of a thread stays where it is when an earlier one comes. */
function latestOfThread(place: 'int' | 'position') {
  const row = { room_nid: 'int', thread_root: 'text', chunk: 'int', chunk_index: place } as const;
  return statement(
    row,
    `insert into threads (room_nid, thread_root, chunk, chunk_index)
     values (:room_nid, :thread_root, :chunk, :chunk_index) on conflict (room_nid, thread_root)
     do update set chunk = excluded.chunk, chunk_index = excluded.chunk_index
     where (threads.chunk, threads.chunk_index) < (excluded.chunk, excluded.chunk_index)`,
  );
}

export const eventMutations = {
  'events.insert': insert('events', { ...written, ...place, chunk_index: 'position', stream_position: 'position' }),
  'events.insertOld': insert('events', { ...written, ...place, chunk_index: 'int' }),
  'events.enter': update(
    'events',
    { event_nid: 'int' },
    { ...place, chunk_index: 'position', stream_position: 'position' },
    { expectOne: true },
  ),
  'events.enterOld': update('events', { event_nid: 'int' }, { ...place, chunk_index: 'int' }, { expectOne: true }),
  'events.redact': update('events', { event_id: 'text' }, { redacted_by: 'text', unsigned: 'text', json: 'text' }),
  'pending_redactions.put': insertIfAbsent('pending_redactions', {
    room_nid: 'int',
    redacts: 'text',
    redaction_nid: 'int',
  }),
  'pending_redactions.delete': remove('pending_redactions', { room_nid: 'int', redacts: 'text' }),
  'events.setUnsigned': update('events', { event_id: 'text' }, { unsigned: 'text' }),
  'events.relate': insertIfAbsent('event_relations', { ...relation, chunk_index: 'position' }),
  'events.relateOld': insertIfAbsent('event_relations', { ...relation, chunk_index: 'int' }),
  'threads.put': latestOfThread('position'),
  'threads.putOld': latestOfThread('int'),
  'event_notifications.insert': insertIfAbsent('event_notifications', {
    user_id: 'text',
    room_nid: 'int',
    position: 'position',
    thread_root: 'text',
    notify: 'int',
    highlight: 'int',
  }),
  'transactions.insert': insert('transactions', {
    transaction_key: 'bytes',
    device_id: 'text',
    txn_id: 'text',
    event_nid: 'int',
    response: 'text',
    created_at: 'int',
  }),
  'transactions.expire': statement({ created_at: 'int' }, 'delete from transactions where created_at < :created_at'),
  'commit_log.prune': statement(
    { last_position: 'int' },
    'delete from commit_log where last_position < :last_position and last_position < (select max(last_position) from commit_log)',
  ),
} satisfies Partial<MutationDefinitions>;
