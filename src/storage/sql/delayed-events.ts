import type { DelayedEventRow, DelayedEventStore, FinalisedDelayedEventRow } from '../contract/delayed-events.ts';
import { insert, insertIfAbsent, type MutationDefinitions, remove, statement, update } from './mutation.ts';
import { query, type Reader } from './query.ts';

const byId = query<{ id: string }, DelayedEventRow>('select * from delayed_events where delay_id = :id');
const ofUser = query<{ user: string; limit: number }, DelayedEventRow>(
  'select * from delayed_events where user_id = :user order by send_at, delay_id limit :limit',
);
const countOfUser = query<{ user: string }, { n: number }>(
  'select count(*) as n from delayed_events where user_id = :user',
);
const count = query<Record<never, never>, { n: number }>('select count(*) as n from delayed_events');
const due = query<{ now: number; limit: number }, DelayedEventRow>(
  `select * from delayed_events where send_at <= :now
   order by send_at, running_since + delay, running_since, delay_id limit :limit`,
);
const nextTime = query<Record<never, never>, { n: number | null }>('select min(send_at) as n from delayed_events');
const finalisedById = query<{ id: string }, FinalisedDelayedEventRow>(
  'select * from finalised_delayed_events where delay_id = :id',
);
const finalisedOfUser = query<{ user: string; since: number; limit: number }, FinalisedDelayedEventRow>(
  `select * from finalised_delayed_events where user_id = :user and finalised_at > :since
   order by finalised_at, delay_id limit :limit`,
);

export function delayedEventStore(db: Reader): DelayedEventStore {
  return {
    byId: (id) => db.one(byId, { id }),
    ofUser: (user, limit) => db.all(ofUser, { user, limit }),
    countOfUser: async (user) => (await db.one(countOfUser, { user }))!.n,
    count: async () => (await db.one(count, {}))!.n,
    due: (now, limit) => db.all(due, { now, limit }),
    nextTime: async () => (await db.one(nextTime, {}))?.n ?? undefined,
    finalisedById: (id) => db.one(finalisedById, { id }),
    finalisedOfUser: (user, since, limit) => db.all(finalisedOfUser, { user, since, limit }),
  };
}

export const delayedEventMutations = {
  'delayed_events.insert': insert('delayed_events', {
    delay_id: 'text',
    user_id: 'text',
    device_id: 'text',
    appservice_id: 'text',
    is_guest: 'int',
    room_id: 'text',
    type: 'text',
    state_key: 'text',
    content: 'text',
    origin_server_ts: 'int',
    delay: 'int',
    running_since: 'int',
    send_at: 'int',
    scheduled_at: 'int',
  }),
  'delayed_events.restart': update(
    'delayed_events',
    { delay_id: 'text' },
    { running_since: 'int', send_at: 'int' },
    { expectOne: true },
  ),
  'delayed_events.postpone': statement(
    { delay_id: 'text', from: 'int', send_at: 'int' },
    'update delayed_events set send_at = :send_at where delay_id = :delay_id and send_at = :from',
  ),
  'delayed_events.delete': remove('delayed_events', { delay_id: 'text' }),
  'delayed_events.deleteOfUser': remove('delayed_events', { user_id: 'text' }),
  'finalised_delayed_events.insert': insertIfAbsent('finalised_delayed_events', {
    delay_id: 'text',
    user_id: 'text',
    room_id: 'text',
    type: 'text',
    state_key: 'text',
    content: 'text',
    delay: 'int',
    running_since: 'int',
    finalised_at: 'int',
    event_id: 'text',
    error: 'text',
  }),
  'finalised_delayed_events.trim': statement(
    { user_id: 'text', kept: 'int' },
    `delete from finalised_delayed_events where delay_id in (select delay_id from finalised_delayed_events
     where user_id = :user_id order by finalised_at desc, delay_id desc limit 1000 offset :kept)`,
  ),
  'finalised_delayed_events.expire': statement(
    { finalised_at: 'int' },
    'delete from finalised_delayed_events where finalised_at <= :finalised_at',
  ),
  'finalised_delayed_events.deleteOfUser': remove('finalised_delayed_events', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
