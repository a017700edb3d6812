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
   and e.redacted_by is null order by r.chunk, r.chunk_index limit :limit`,
);
const threadSummaries = query<
  { room: number; roots: readonly string[]; ignored: readonly string[] },
  EventRow & { count: number }
>(
  (d) => `select e.*, t.count from (
     select event_nid, count(*) over (partition by thread_root) as count,
       row_number() over (partition by thread_root order by chunk desc, chunk_index desc) as nth from events
     where room_nid = :room and thread_root is not null and ${d.inList('thread_root', ':roots', 'text')}
     and chunk_index is not null and redacted_by is null and not (${d.inList('sender', ':ignored', 'text')})) t
   join events e on e.event_nid = t.event_nid where t.nth = 1`,
);
const threadsWithSender = query<{ room: number; roots: readonly string[]; sender: string }, { thread_root: string }>(
  (d) => `select distinct thread_root from events where room_nid = :room and thread_root is not null
   and ${d.inList('thread_root', ':roots', 'text')} and sender = :sender and redacted_by is null`,
);

interface PageParams extends Record<string, string | number> {
  room: number;
  event_id: string;
  rel_type: string;
  type: string;
  after_chunk: number;
  after_index: number;
  chunk: number;
  index: number;
  limit: number;
}

type Direction = 'asc' | 'desc';
const within = `(r.chunk, r.chunk_index) > (:after_chunk, :after_index) and (r.chunk, r.chunk_index) <= (:chunk, :index)
   and (:rel_type = '' or r.rel_type = :rel_type)`;
const inOrder = (direction: Direction) => `order by r.chunk ${direction}, r.chunk_index ${direction} limit :limit`;

// In the order of the index, so that the rest of a long thread is not looked at.
const page = (direction: Direction) =>
  query<PageParams, EventRow>(
    `select e.* from event_relations r cross join events e
     where r.room_nid = :room and r.relates_to = :event_id and ${within}
     and e.event_nid = r.event_nid and (:type = '' or e.type = :type) and e.redacted_by is null
     ${inOrder(direction)}`,
  );
// In this order: SQLite would go through all relations of the room for each event, and 10,000 take 20 s that way.
const pageOfAll = (direction: Direction) =>
  query<PageParams & { depth: number }, EventRow>(
    `with recursive related (event_id, event_nid, rel_type, type, chunk, chunk_index, depth) as (
       select e.event_id, e.event_nid, r.rel_type, e.type, r.chunk, r.chunk_index, 1
       from event_relations r cross join events e
       where r.room_nid = :room and r.relates_to = :event_id and e.event_nid = r.event_nid and e.redacted_by is null
       union all
       select e.event_id, e.event_nid, r.rel_type, e.type, r.chunk, r.chunk_index, p.depth + 1
       from related p cross join event_relations r cross join events e
       where r.room_nid = :room and r.relates_to = p.event_id and e.event_nid = r.event_nid
       and p.depth < :depth and e.redacted_by is null)
     select e.* from (
       select distinct r.event_nid, r.chunk, r.chunk_index from related r
       where ${within} and (:type = '' or r.type = :type) ${inOrder(direction)}) r
     cross join events e where e.event_nid = r.event_nid order by r.chunk ${direction}, r.chunk_index ${direction}`,
  );
const [oldestFirst, newestFirst] = [page('asc'), page('desc')];
const [allOldestFirst, allNewestFirst] = [pageOfAll('asc'), pageOfAll('desc')];

export function relationStore(db: Reader): RelationStore {
  return {
    typesOf: (room, ids) => db.all(typesOf, { room, ids }),
    latestEdits: (room, ids) => db.all(latestEdits, { room, ids }),
    references: (room, ids, limit) => db.all(references, { room, ids, limit }),
    threadSummaries: (room, roots, ignored) => db.all(threadSummaries, { room, roots, ignored }),
    threadsWithSender: (room, roots, sender) => db.all(threadsWithSender, { room, roots, sender }),
    page: ({ roomNid, eventId, depth, relType, type, after, upTo, backwards, limit }) => {
      const params = {
        ...{ room: roomNid, event_id: eventId, rel_type: relType ?? '', type: type ?? '', limit },
        ...{ after_chunk: after.chunk, after_index: after.index, chunk: upTo.chunk, index: upTo.index },
      };
      if (depth === 1) return db.all(backwards ? newestFirst : oldestFirst, params);
      return db.all(backwards ? allNewestFirst : allOldestFirst, { ...params, depth });
    },
  };
}
