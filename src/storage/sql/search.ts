import { EventKind, type EventRow } from '../contract/events.ts';
import { type SearchHit, type SearchReading, type SearchStore, TextQuery } from '../contract/search.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { insertIfAbsent, type MutationDefinitions, remove, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

/** Before the first hit: greater than every score. */
const TOP = 1e300;

interface HitParams extends Record<string, number | TextQuery | readonly string[] | readonly number[]> {
  query: TextQuery;
  /** The same in whatever place, for what fits best. */
  words: TextQuery;
  keys: readonly number[];
  any_sender: number;
  senders: readonly string[];
  score: number;
  event_nid: number;
  limit: number;
}

const hits = (score: (d: Dialect) => string) =>
  query<HitParams, SearchHit>(
    (d) => `with found as materialized (
       select d.event_nid, d.room_nid, ${score(d)} as score
       from search_index i join search_documents d on d.event_nid = ${d.textIndex.id('i')}
       where ${d.textIndex.matches('search_index', 'i', ':query')} and ${d.inList('d.text_key', ':keys', 'int')}
       and (:any_sender = 1 or ${d.inList('d.sender', ':senders', 'text')}))
     select event_nid, room_nid, score, (select count(*) from found) as total from found
     where score < :score or (score = :score and event_nid < :event_nid)
     order by score desc, event_nid desc limit :limit`,
  );
const byRank = hits((d) => d.textIndex.rank('search_index', 'i', ':words'));
const byPosition = hits(() => 'cast(d.position as double precision)');

const roomsBehind = query<{ limit: number }, { room_nid: number }>(
  `select r.room_nid from rooms r left join search_progress p on p.room_nid = r.room_nid
   where (select max(e.stream_position) from events e
     where e.room_nid = r.room_nid and e.stream_position is not null) > coalesce(p.position, 0)
   limit :limit`,
);
const progress = query<{ room: number }, { position: number }>(
  'select position from search_progress where room_nid = :room',
);
const eventsAfter = query<{ room: number; position: number; limit: number }, EventRow>(
  `select * from events where room_nid = :room and stream_position is not null and stream_position > :position
   order by stream_position limit :limit`,
);
const oldEvents = query<{ after: number; up_to: number; limit: number }, EventRow>(
  `select * from events where event_nid > :after and event_nid <= :up_to and kind = ${EventKind.backfilled}
   order by event_nid limit :limit`,
);
const newestNid = query<Record<never, never>, { n: number | null }>('select max(event_nid) as n from events');
const edited = query<{ nids: readonly number[] }, { edit_nid: number; event_nid: number }>(
  (d) => `select edit_nid, event_nid from search_edits where ${d.inList('edit_nid', ':nids', 'int')}`,
);
const encryption = query<{ room: number }, { event_nid: number }>(
  `select c.event_nid from state_keys k join current_state c on c.room_nid = k.room_nid and c.key_nid = k.key_nid
   where k.room_nid = :room and k.type = 'm.room.encryption' and k.state_key = ''`,
);

const documentsOf = query<{ sender: string; limit: number }, { event_nid: number }>(
  'select event_nid from search_documents where sender = :sender limit :limit',
);

export function searchStore(db: Reader): SearchStore {
  return {
    hits: (reading) => db.all(reading.order === 'rank' ? byRank : byPosition, paramsOf(reading)),
    roomsBehind: (limit) => db.all(roomsBehind, { limit }),
    progress: (room) => db.one(progress, { room }),
    oldEvents: (after, up_to, limit) => db.all(oldEvents, { after, up_to, limit }),
    newestNid: async () => (await db.one(newestNid, {}))?.n ?? 0,
    eventsAfter: (room, position, limit) => db.all(eventsAfter, { room, position, limit }),
    edited: async (nids) => (nids.length === 0 ? [] : db.all(edited, { nids })),
    documentsOf: (sender, limit) => db.all(documentsOf, { sender, limit }),
    isEncrypted: async (room) => (await db.one(encryption, { room })) !== undefined,
  };
}

function paramsOf({ query: text, keys, senders, after, limit }: SearchReading): HitParams {
  return {
    query: text,
    words: new TextQuery([], text.phrases),
    keys,
    any_sender: senders === undefined ? 1 : 0,
    senders: senders ?? [],
    score: after?.score ?? TOP,
    event_nid: after?.eventNid ?? 0,
    limit,
  };
}

export const searchMutations = {
  'search_documents.put': upsert(
    'search_documents',
    { event_nid: 'int', room_nid: 'int', position: 'int', sender: 'text', text_key: 'int' },
    ['event_nid'],
  ),
  'search_documents.delete': remove('search_documents', { event_nid: 'int' }),
  'search_index.put': statement({ event_nid: 'int', labels: 'text', words: 'text' }, (d) =>
    d.textIndex.put('search_index', ':event_nid', ':labels', ':words'),
  ),
  'search_index.delete': statement({ event_nid: 'int' }, (d) => d.textIndex.remove('search_index', ':event_nid')),
  'search_edits.put': insertIfAbsent('search_edits', { edit_nid: 'int', event_nid: 'int' }),
  'search_edits.delete': remove('search_edits', { edit_nid: 'int' }),
  'search_progress.put': upsert('search_progress', { room_nid: 'int', position: 'int' }, ['room_nid']),
} satisfies Partial<MutationDefinitions>;
