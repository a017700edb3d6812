import type { ReceiptRow, ReceiptStore } from '../contract/receipts.ts';
import { type MutationDefinitions, statement } from './mutation.ts';
import { query, type Reader } from './query.ts';

const changedSince = query<{ room: number; after: number; up_to: number; user: string }, ReceiptRow>(
  `select * from receipts where room_nid = :room and position > :after and position <= :up_to
   and (receipt_type <> 'm.read.private' or user_id = :user) order by position`,
);
const ofUser = query<{ user: string }, ReceiptRow>('select * from receipts where user_id = :user');

export function receiptStore(db: Reader): ReceiptStore {
  return {
    changedSince: (room, after, up_to, user) => db.all(changedSince, { room, after, up_to, user }),
    ofUser: (user) => db.all(ofUser, { user }),
  };
}

export const receiptMutations = {
  'receipts.advance': statement(
    {
      room_nid: 'int',
      user_id: 'text',
      receipt_type: 'text',
      thread_id: 'text',
      event_id: 'text',
      event_position: 'int',
      ts: 'int',
      position: 'position',
    },
    `insert into receipts (room_nid, user_id, receipt_type, thread_id, event_id, event_position, ts, position)
     values (:room_nid, :user_id, :receipt_type, :thread_id, :event_id, :event_position, :ts, :position)
     on conflict (room_nid, user_id, receipt_type, thread_id) do update set event_id = excluded.event_id,
       event_position = excluded.event_position, ts = excluded.ts, position = excluded.position
     where receipts.event_position < excluded.event_position`,
    { expectOne: true },
  ),
} satisfies Partial<MutationDefinitions>;
