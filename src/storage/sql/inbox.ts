import type { InboxStore, StagedPduRow } from '../contract/inbox.ts';
import { insert, type MutationDefinitions, remove, statement } from './mutation.ts';
import { query, type Reader } from './query.ts';

const staged = query<{ room_id: string; limit: number }, StagedPduRow>(
  'select * from staged_pdus where room_id = :room_id order by position, ordinal limit :limit',
);
const stagedRooms = query<Record<never, never>, { room_id: string }>('select distinct room_id from staged_pdus');
const stagedCounts = query<Record<never, never>, { origin: string; count: number }>(
  'select origin, count(*) as count from staged_pdus group by origin',
);
const received = query<{ origin: string; message_id: string }, { received_at: number }>(
  'select received_at from received_messages where origin = :origin and message_id = :message_id',
);

export function inboxStore(db: Reader): InboxStore {
  return {
    staged: (room_id, limit) => db.all(staged, { room_id, limit }),
    stagedRooms: async () => (await db.all(stagedRooms, {})).map((row) => row.room_id),
    stagedCounts: () => db.all(stagedCounts, {}),
    hasReceived: async (origin, message_id) => (await db.one(received, { origin, message_id })) !== undefined,
  };
}

export const inboxMutations = {
  'staged_pdus.insert': insert('staged_pdus', {
    position: 'position',
    ordinal: 'int',
    room_id: 'text',
    origin: 'text',
    json: 'text',
  }),
  'staged_pdus.delete': remove('staged_pdus', { position: 'int', ordinal: 'int' }),
  'received_messages.insert': insert('received_messages', {
    origin: 'text',
    message_id: 'text',
    received_at: 'int',
  }),
  'received_messages.expire': statement(
    { received_at: 'int' },
    'delete from received_messages where received_at < :received_at',
  ),
} satisfies Partial<MutationDefinitions>;
