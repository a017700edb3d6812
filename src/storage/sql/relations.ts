import type { EventRow } from '../contract/events.ts';
import type { RelationStore } from '../contract/relations.ts';
import { query, type Reader } from './query.ts';

interface Ids extends Record<string, number | readonly string[]> {
  room: number;
  ids: readonly string[];
}

const typesOf = query<Ids, { relates_to: string; rel_type: string }>(
  (d) => `select distinct relates_to, rel_type from event_relations
   where room_nid = :room and ${d.inList('relates_to', ':ids', 'text')}`,
);
const latestEdits = query<Ids, EventRow & { relates_to: string }>(
  (d) => `select * from (
     select e.*, r.relates_to,
       row_number() over (partition by r.relates_to order by e.origin_server_ts desc, e.event_id desc) as nth
     from event_relations r
     join events edited on edited.event_id = r.relates_to and edited.room_nid = r.room_nid
     join events e on e.event_nid = r.event_nid
     where r.room_nid = :room and r.rel_type = 'm.replace' and ${d.inList('r.relates_to', ':ids', 'text')}
     and e.sender = edited.sender and e.type = edited.type and e.redacted_by is null) edits
   where nth = 1`,
);
const references = query<Ids & { limit: number }, { relates_to: string; event_id: string; sender: string }>(
  (d) => `select r.relates_to, e.event_id, e.sender from event_relations r join events e on e.event_nid = r.event_nid
   where r.room_nid = :room and r.rel_type = 'm.reference' and ${d.inList('r.relates_to', ':ids', 'text')}
   and e.redacted_by is null order by e.stream_position limit :limit`,
);
const threadSummaries = query<
  { room: number; roots: readonly string[]; ignored: readonly string[] },
  EventRow & { count: number }
>(
  (d) => `select e.*, t.count from (
     select count(*) as count, max(stream_position) as latest from events
     where room_nid = :room and thread_root is not null and ${d.inList('thread_root', ':roots', 'text')}
     and stream_position is not null and redacted_by is null and not (${d.inList('sender', ':ignored', 'text')})
     group by thread_root) t
   join events e on e.room_nid = :room and e.stream_position is not null and e.stream_position = t.latest`,
);
const threadsWithSender = query<{ room: number; roots: readonly string[]; sender: string }, { thread_root: string }>(
  (d) => `select distinct thread_root from events where room_nid = :room and thread_root is not null
   and ${d.inList('thread_root', ':roots', 'text')} and sender = :sender and redacted_by is null`,
);
// In this order: SQLite would go through all relations of the room for each event, and 10,000 take 20 s that way.
const page = (direction: 'asc' | 'desc') =>
  query<
    {
      room: number;
      event_id: string;
      depth: number;
      rel_type: string;
      type: string;
      after: number;
      up_to: number;
      limit: number;
    },
    EventRow
  >(
    `with recursive related (event_id, event_nid, rel_type, depth) as (
       select e.event_id, e.event_nid, r.rel_type, 1 from event_relations r join events e on e.event_nid = r.event_nid
       where r.room_nid = :room and r.relates_to = :event_id and e.redacted_by is null
       union
       select e.event_id, e.event_nid, r.rel_type, p.depth + 1 from related p
       cross join event_relations r cross join events e
       where r.room_nid = :room and r.relates_to = p.event_id and e.event_nid = r.event_nid
       and p.depth < :depth and e.redacted_by is null)
     select e.* from events e where e.event_nid in (
       select event_nid from related where (:rel_type = '' or rel_type = :rel_type))
     and (:type = '' or e.type = :type) and e.stream_position > :after and e.stream_position <= :up_to
     order by e.stream_position ${direction} limit :limit`,
  );
const oldestFirst = page('asc');
const newestFirst = page('desc');

export function relationStore(db: Reader): RelationStore {
  return {
    typesOf: (room, ids) => db.all(typesOf, { room, ids }),
    latestEdits: (room, ids) => db.all(latestEdits, { room, ids }),
    references: (room, ids, limit) => db.all(references, { room, ids, limit }),
    threadSummaries: (room, roots, ignored) => db.all(threadSummaries, { room, roots, ignored }),
    threadsWithSender: (room, roots, sender) => db.all(threadsWithSender, { room, roots, sender }),
    page: (q) =>
      db.all(q.backwards ? newestFirst : oldestFirst, {
        room: q.roomNid,
        event_id: q.eventId,
        depth: q.depth,
        rel_type: q.relType ?? '',
        type: q.type ?? '',
        after: q.after,
        up_to: q.upTo,
        limit: q.limit,
      }),
  };
}
