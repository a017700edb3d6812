/** Polls, appeals, keys of overlays and the replay. */
import { insert, type MutationDefinition, remove, statement, upsert } from '../../storage/sql/mutation.ts';
import { query, type Reader } from '../../storage/sql/query.ts';
import type {
  ExtrasStore,
  HeatRow,
  MomentRow,
  OverlayKeyRow,
  PollRow,
  UnbanRequestRow,
  VoteRow,
} from './extras-store.ts';

const openPolls = query<Record<never, never>, PollRow>('select * from live_polls where ended_at is null');
const votes = query<{ poll: string }, VoteRow>('select * from live_poll_votes where poll_id = :poll');
const unbanRequest = query<{ id: string }, UnbanRequestRow>('select * from live_unban_requests where request_id = :id');
const unbanRequests = query<{ channel: string; state: string; limit: number }, UnbanRequestRow>(
  `select * from live_unban_requests where channel_id = :channel and state = :state
   order by created_at, request_id limit :limit`,
);
const ownUnbanRequest = query<{ channel: string; user: string }, UnbanRequestRow>(
  `select * from live_unban_requests where channel_id = :channel and user_id = :user
   order by created_at desc limit 1`,
);
const overlayKey = query<{ hash: string; now: number }, OverlayKeyRow>(
  'select * from live_overlay_keys where key_hash = :hash and expires_at > :now',
);
const overlayKeys = query<{ channel: string; now: number }, OverlayKeyRow>(
  'select * from live_overlay_keys where channel_id = :channel and expires_at > :now order by created_at',
);
const moments = query<{ session: string; from: number; to: number; limit: number }, MomentRow>(
  `select * from live_index where session_id = :session and offset_ms >= :from and offset_ms < :to
   order by offset_ms, place, entry_id limit :limit`,
);
const eventsNamed = query<{ room: number; name: string; end: string }, { event_id: string }>(
  'select event_id from events where event_id >= :name and event_id < :end and room_nid = :room limit 2',
);
const momentsOf = query<{ user: string; limit: number }, Pick<MomentRow, 'entry_id'>>(
  'select entry_id from live_index where user_id = :user limit :limit',
);
const devicesAmong = query<{ users: readonly string[] }, { user_id: string; device_id: string | null }>(
  (d) =>
    `select u.user_id, d.device_id from users u left join devices d on d.user_id = u.user_id
     where u.deactivated_at is null and u.locked = 0 and ${d.inList('u.user_id', ':users', 'text')}`,
);
const momentsOfEvent = query<{ event: string }, MomentRow>('select * from live_index where entry_id = :event');
const viewersBy = query<{ session: string }, Pick<HeatRow, 'bucket' | 'viewers'>>(
  'select bucket, viewers from live_agg_30s where session_id = :session order by bucket',
);
// Half minutes: whole numbers divide to whole numbers in both engines.
const messagesBy = query<{ session: string; members: number }, { bucket: number; messages: number }>(
  `select offset_ms / 30000 as bucket, count(*) as messages from live_index
   where session_id = :session and kind = 'm' and for_members <= :members
   group by offset_ms / 30000 order by offset_ms / 30000`,
);
const saidBy = query<{ room: number; user: string; looked: number; limit: number }, { event_id: string }>(
  `select event_id from
     (select event_id, sender, type, state_key, redacted_by, stream_position from events
      where room_nid = :room and stream_position is not null order by stream_position desc limit :looked) as latest
   where sender = :user and state_key is null and redacted_by is null and type <> 'm.room.redaction'
   order by stream_position desc limit :limit`,
);
const speakers = query<{ room: number; since: number; looked: number }, { sender: string }>(
  `select distinct sender from
     (select sender, type, origin_server_ts from events
      where room_nid = :room and stream_position is not null order by stream_position desc limit :looked) as latest
   where type = 'm.room.message' and origin_server_ts >= :since order by sender`,
);
const people = query<{ after: string; limit: number }, { user_id: string }>(
  `select user_id from users
   where user_id > :after and is_guest = 0 and deactivated_at is null and appservice_id is null
   order by user_id limit :limit`,
);

export function extrasStore(db: Reader): ExtrasStore {
  return {
    openPolls: () => db.all(openPolls, {}),
    votes: (poll) => db.all(votes, { poll }),
    unbanRequest: (id) => db.one(unbanRequest, { id }),
    unbanRequests: (channel, state, limit) => db.all(unbanRequests, { channel, state, limit }),
    ownUnbanRequest: (channel, user) => db.one(ownUnbanRequest, { channel, user }),
    overlayKey: (hash, now) => db.one(overlayKey, { hash, now }),
    overlayKeys: (channel, now) => db.all(overlayKeys, { channel, now }),
    moments: (session, from, to, limit) => db.all(moments, { session, from, to, limit }),
    // Both engines compare texts byte by byte, and the ids of events have no byte that is greater than this one.
    eventsNamed: async (room, name) =>
      (await db.all(eventsNamed, { room, name, end: `${name}~` })).map((row) => row.event_id),
    momentsOf: (user, limit) => db.all(momentsOf, { user, limit }),
    momentsOfEvent: (event) => db.all(momentsOfEvent, { event }),
    viewersBy: (session) => db.all(viewersBy, { session }),
    messagesBy: async (session, members) =>
      (await db.all(messagesBy, { session, members })).map(({ bucket, messages }) => ({
        bucket: Number(bucket),
        messages: Number(messages),
      })),
    saidBy: async (room, user, looked, limit) =>
      (await db.all(saidBy, { room, user, looked, limit })).map((row) => row.event_id),
    speakers: async (room, since, looked) => (await db.all(speakers, { room, since, looked })).map((row) => row.sender),
    people: (after, limit) => db.all(people, { after, limit }),
    devicesAmong: async (users) => (users.length === 0 ? [] : db.all(devicesAmong, { users })),
  };
}

export const extrasMutations = {
  'live.polls.insert': insert('live_polls', {
    ...{ poll_id: 'text', channel_id: 'text', room_id: 'text', by_user: 'text', content: 'text' },
    ...{ answers: 'text', started_at: 'int', ends_at: 'int', ended_at: 'int' },
  }),
  'live.polls.end': statement(
    { poll_id: 'text', answers: 'text', ended_at: 'int' },
    'update live_polls set answers = :answers, ended_at = :ended_at where poll_id = :poll_id and ended_at is null',
    { expectOne: true },
  ),
  'live.votes.put': upsert('live_poll_votes', { poll_id: 'text', user_id: 'text', answers: 'text', voted_at: 'int' }, [
    'poll_id',
    'user_id',
  ]),
  'live.votes.drop': remove('live_poll_votes', { poll_id: 'text' }),
  'live.unbanRequests.insert': insert('live_unban_requests', {
    ...{ request_id: 'text', channel_id: 'text', user_id: 'text', message: 'text', state: 'text' },
    ...{ by_user: 'text', answer: 'text', created_at: 'int', decided_at: 'int' },
  }),
  'live.unbanRequests.decide': statement(
    { request_id: 'text', state: 'text', by_user: 'text', answer: 'text', decided_at: 'int' },
    `update live_unban_requests set state = :state, by_user = :by_user, answer = :answer, decided_at = :decided_at
     where request_id = :request_id and state = 'open'`,
    { expectOne: true },
  ),
  'live.unbanRequests.forget': remove('live_unban_requests', { user_id: 'text' }),
  'live.overlayKeys.insert': insert('live_overlay_keys', {
    ...{ key_hash: 'text', channel_id: 'text', by_user: 'text', created_at: 'int', expires_at: 'int' },
  }),
  'live.overlayKeys.revoke': remove('live_overlay_keys', { channel_id: 'text' }),
  'live.overlayKeys.expire': statement({ now: 'int' }, 'delete from live_overlay_keys where expires_at <= :now'),
  'live.index.put': upsert(
    'live_index',
    {
      ...{ session_id: 'text', offset_ms: 'int', place: 'int', entry_id: 'text', channel_id: 'text' },
      ...{ kind: 'text', fields: 'text', said_at: 'int', user_id: 'text', for_members: 'int' },
    },
    ['session_id', 'offset_ms', 'place', 'entry_id'],
  ),
  'live.index.removeSession': remove('live_index', { channel_id: 'text', session_id: 'text' }),
  'live.index.removeEvent': remove('live_index', { entry_id: 'text' }),
  'live.index.trim': statement({ before: 'int' }, 'delete from live_index where said_at < :before'),
  'live.heat.put': upsert(
    'live_agg_30s',
    { channel_id: 'text', session_id: 'text', bucket: 'int', viewers: 'int', noted_at: 'int' },
    ['session_id', 'bucket'],
  ),
  'live.heat.removeSession': remove('live_agg_30s', { channel_id: 'text', session_id: 'text' }),
  'live.heat.trim': statement({ before: 'int' }, 'delete from live_agg_30s where noted_at < :before'),
} satisfies Record<string, MutationDefinition>;
