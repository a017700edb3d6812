import {
  type DestinationRow,
  type DueEventRow,
  type OutboxStore,
  OutgoingEduKind,
  type OutgoingEduRow,
} from '../contract/outbox.ts';
import { insert, insertIfAbsent, type MutationDefinitions, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

/** `until` of a stay that lasts. */
export const LASTS = Number.MAX_SAFE_INTEGER;

type Due = { server: string; after: number; up_to: number; limit: number };

// `cross join` keeps SQLite from reading the events of other servers' rooms: the rooms of the server come first.
const OF_ITS_ROOMS = `from room_servers s cross join outgoing_events e
   where s.server = :server and e.room_nid = s.room_nid and e.position >= s.since and e.position <= s.until
   and e.position > :after and e.position <= :up_to and e.origin <> :server
   and (e.recipient = '' or e.recipient = s.server)`;

const destination = query<{ server: string }, DestinationRow>('select * from destinations where server = :server');
const dueEvents = query<Due, DueEventRow>(
  `select distinct e.position, e.event_nid ${OF_ITS_ROOMS} order by e.position limit :limit`,
);
const newestDueEvents = query<Due & { per_room: number }, DueEventRow>(
  `select distinct position, event_nid from (
     select e.position, e.event_nid,
       row_number() over (partition by e.room_nid order by e.position desc) as place ${OF_ITS_ROOMS}) newest
   where place <= :per_room order by position limit :limit`,
);
const edus = query<{ server: string; limit: number }, OutgoingEduRow>(
  'select * from outgoing_edus where server = :server order by position, device_id limit :limit',
);
const serversOfEdus = query<{ position: number }, { server: string }>(
  'select distinct server from outgoing_edus where position = :position',
);
const waiting = query<{ own: string; after: string; limit: number }, { server: string }>(
  (d) => `select server from outgoing_edus where server > :after
   union select s.server from room_servers s left join destinations d on d.server = s.server
   where s.server > :after and s.server <> :own and exists (
     select 1 from outgoing_events e where e.room_nid = s.room_nid and e.origin <> s.server
     and (e.recipient = '' or e.recipient = s.server) and e.position <= s.until
     and e.position >= ${d.greatest('s.since', 'coalesce(d.sent_up_to, 0) + 1')})
   order by server limit :limit`,
);
const retriable = query<{ now: number; limit: number }, { server: string }>(
  `select server from destinations where failing_since is not null and retry_at > 0 and retry_at <= :now
   order by retry_at limit :limit`,
);
const serversWith = query<{ user: string }, { server: string }>(
  `select distinct s.server from memberships m join room_servers s on s.room_nid = m.room_nid and s.until = ${LASTS}
   where m.user_id = :user and m.membership = 'join'`,
);
const serverSince = query<{ room: number; server: string }, { since: number }>(
  'select since from room_servers where room_nid = :room and server = :server order by since limit 1',
);
const oldestNeeded = query<{ own: string; abandoned: number }, { position: number | null }>((d) => {
  const got = d.greatest('s.since - 1', 'coalesce(d.sent_up_to, 0)');
  return `select min(${got}) as position from room_servers s left join destinations d on d.server = s.server
   where s.server <> :own and (d.failing_since is null or d.failing_since > :abandoned) and exists (
     select 1 from outgoing_events e where e.room_nid = s.room_nid and e.origin <> s.server
     and (e.recipient = '' or e.recipient = s.server) and e.position <= s.until and e.position > ${got})`;
});
const serversWithMore = query<{ keep: number }, { server: string }>(
  'select server from outgoing_edus group by server having count(*) > :keep',
);
const nextRetry = query<{ now: number }, { at: number | null }>(
  'select min(retry_at) as at from destinations where failing_since is not null and retry_at > :now',
);

const names = (rows: readonly { server: string }[]): string[] => rows.map((row) => row.server);

export function outboxStore(db: Reader): OutboxStore {
  return {
    destination: (server) => db.one(destination, { server }),
    dueEvents: ({ server, after, upTo, limit }) => db.all(dueEvents, { server, after, up_to: upTo, limit }),
    newestDueEvents: ({ server, after, upTo, limit, perRoom }) =>
      db.all(newestDueEvents, { server, after, up_to: upTo, limit, per_room: perRoom }),
    edus: (server, limit) => db.all(edus, { server, limit }),
    serversOfEdus: async (position) => names(await db.all(serversOfEdus, { position })),
    waiting: async (own, after, limit) => names(await db.all(waiting, { own, after, limit })),
    retriable: async (now, limit) => names(await db.all(retriable, { now, limit })),
    oldestNeeded: async (own, abandoned) => (await db.one(oldestNeeded, { own, abandoned }))?.position ?? undefined,
    serversWithMore: async (keep) => names(await db.all(serversWithMore, { keep })),
    serverSince: (room, server) => db.one(serverSince, { room, server }),
    serversWith: async (user) => names(await db.all(serversWith, { user })),
    nextRetry: async (now) => (await db.one(nextRetry, { now }))?.at ?? undefined,
  };
}

const stay = { room_nid: 'int', server: 'text', position: 'position' } as const;

export const outboxMutations = {
  'room_servers.arrive': statement(
    stay,
    `insert into room_servers (room_nid, server, since, until) select :room_nid, :server, :position, ${LASTS}
     where not exists (
       select 1 from room_servers where room_nid = :room_nid and server = :server and until = ${LASTS})`,
  ),
  'room_servers.depart': statement(
    stay,
    `update room_servers set until = :position where room_nid = :room_nid and server = :server and until = ${LASTS}`,
  ),
  'room_servers.visit': statement(
    stay,
    `insert into room_servers (room_nid, server, since, until) values (:room_nid, :server, :position, :position)
     on conflict do nothing`,
  ),
  'outgoing_events.insert': insert('outgoing_events', {
    room_nid: 'int',
    position: 'position',
    event_nid: 'int',
    origin: 'text',
    recipient: 'text',
  }),
  'outgoing_events.prune': statement(
    { position: 'int' },
    `delete from outgoing_events where position <= :position and position < (
       select max(newest.position) from outgoing_events newest
       where newest.room_nid = outgoing_events.room_nid and newest.recipient = '')`,
  ),
  'outgoing_edus.insert': insertIfAbsent('outgoing_edus', {
    server: 'text',
    position: 'position',
    device_id: 'text',
    kind: 'int',
    user_id: 'text',
    stream_id: 'int',
    prev_id: 'int',
    json: 'text',
  }),
  'outgoing_edus.fanOut': statement(
    { user_id: 'text', position: 'position', device_id: 'text', kind: 'int', own: 'text' },
    `insert into outgoing_edus (server, position, device_id, kind, user_id, stream_id, prev_id)
     select distinct s.server, :position, :device_id, :kind, :user_id, :position,
       (select stream_id from device_list_streams where user_id = :user_id)
     from memberships m join room_servers s on s.room_nid = m.room_nid and s.until = ${LASTS}
     where m.user_id = :user_id and m.membership = 'join' and s.server <> :own`,
  ),
  'outgoing_edus.announce': statement(
    { user_id: 'text', room_nid: 'int', position: 'position', own: 'text' },
    `insert into outgoing_edus (server, position, device_id, kind, user_id, stream_id)
     select s.server, :position, d.device_id, ${OutgoingEduKind.deviceList}, :user_id,
       coalesce((select stream_id from device_list_streams where user_id = :user_id), 0)
     from room_servers s join devices d on d.user_id = :user_id
     where s.room_nid = :room_nid and s.until = ${LASTS} and s.server <> :own and not exists (
       select 1 from memberships m join room_servers o on o.room_nid = m.room_nid and o.until = ${LASTS}
       where m.user_id = :user_id and m.membership = 'join' and m.room_nid <> :room_nid and o.server = s.server)`,
  ),
  'outgoing_edus.deleteUpTo': statement(
    { server: 'text', position: 'int', device_id: 'text' },
    `delete from outgoing_edus where server = :server and (position, device_id) <= (:position, :device_id)`,
  ),
  'outgoing_edus.trim': statement(
    { server: 'text', keep: 'int' },
    `delete from outgoing_edus where server = :server and position <= (
       select position from outgoing_edus where server = :server order by position desc limit 1 offset :keep)`,
  ),
  'destinations.put': upsert(
    'destinations',
    {
      server: 'text',
      sent_up_to: 'int',
      catch_up_to: 'int',
      failing_since: 'int',
      attempts: 'int',
      retry_at: 'int',
    },
    ['server'],
  ),
} satisfies Partial<MutationDefinitions>;
