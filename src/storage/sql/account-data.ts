import type { AccountDataRow, AccountDataStore } from '../contract/account-data.ts';
import { insert, type MutationDefinitions, remove, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const get = query<{ user: string; room: string; type: string }, AccountDataRow>(
  'select * from account_data where user_id = :user and room_id = :room and type = :type',
);
const changedSince = query<{ user: string; after: number; up_to: number }, AccountDataRow>(
  `select * from account_data where user_id = :user and position > :after and position <= :up_to order by position`,
);
const lastPosition = query<{ user: string }, { position: number }>(
  'select coalesce(max(position), 0) as position from account_data where user_id = :user',
);
const count = query<{ user: string }, { n: number }>('select count(*) as n from account_data where user_id = :user');
const pushRules = query<Record<never, never>, AccountDataRow>(`select * from account_data where type = 'm.push_rules'`);

export function accountDataStore(db: Reader): AccountDataStore {
  return {
    get: (user, room, type) => db.one(get, { user, room, type }),
    changedSince: (user, after, up_to) => db.all(changedSince, { user, after, up_to }),
    lastPosition: async (user) => (await db.one(lastPosition, { user }))?.position ?? 0,
    count: async (user) => (await db.one(count, { user }))?.n ?? 0,
    pushRules: () => db.all(pushRules, {}),
  };
}

const columns = { user_id: 'text', room_id: 'text', type: 'text', content: 'text', position: 'position' } as const;

export const accountDataMutations = {
  'account_data.put': upsert('account_data', columns, ['user_id', 'room_id', 'type']),
  'account_data.insert': insert('account_data', columns),
  'account_data.replace': statement(
    { ...columns, expected: 'int' },
    `update account_data set content = :content, position = :position
     where user_id = :user_id and room_id = :room_id and type = :type and position = :expected`,
    { expectOne: true },
  ),
  'account_data.deleteUser': remove('account_data', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
