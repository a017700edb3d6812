import type {
  AppserviceEventRow,
  AppserviceEventStore,
  AppserviceTransactionRow,
} from '../contract/appservice-events.ts';
import { insert, type MutationDefinitions, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const transaction = query<{ id: string }, AppserviceTransactionRow>(
  'select * from appservice_transactions where appservice_id = :id',
);
const waiting = query<{ id: string; up_to: number; limit: number }, AppserviceEventRow>(
  `select a.position, a.event_nid, r.room_id from appservice_events a
   join events e on e.event_nid = a.event_nid join rooms r on r.room_nid = e.room_nid
   where a.appservice_id = :id and a.position <= :up_to order by a.position limit :limit`,
);

export function appserviceEventStore(db: Reader): AppserviceEventStore {
  return {
    transaction: (id) => db.one(transaction, { id }),
    waiting: (id, up_to, limit) => db.all(waiting, { id, up_to, limit }),
  };
}

export const appserviceEventMutations = {
  'appservice_events.insert': insert('appservice_events', {
    appservice_id: 'text',
    position: 'position',
    event_nid: 'int',
  }),
  'appservice_events.deleteUpTo': statement(
    { appservice_id: 'text', position: 'int' },
    'delete from appservice_events where appservice_id = :appservice_id and position <= :position',
  ),
  'appservice_events.trim': statement(
    { appservice_id: 'text', keep: 'int' },
    `delete from appservice_events where appservice_id = :appservice_id and position <= (
       select position from appservice_events where appservice_id = :appservice_id
       order by position desc limit 1 offset :keep)`,
  ),
  'appservice_transactions.put': upsert(
    'appservice_transactions',
    { appservice_id: 'text', txn_id: 'int', up_to: 'int', attempts: 'int', retry_at: 'int' },
    ['appservice_id'],
  ),
} satisfies Partial<MutationDefinitions>;
