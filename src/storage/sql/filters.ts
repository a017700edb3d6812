import type { FilterRow, FilterStore } from '../contract/filters.ts';
import { insertIfAbsent, type MutationDefinitions, remove, statement } from './mutation.ts';
import { query, type Reader } from './query.ts';

const get = query<{ user: string; filter: string }, FilterRow>(
  'select * from filters where user_id = :user and filter_id = :filter',
);

export function filterStore(db: Reader): FilterStore {
  return { get: (user, filter) => db.one(get, { user, filter }) };
}

export const filterMutations = {
  'filters.insert': insertIfAbsent('filters', {
    user_id: 'text',
    filter_id: 'text',
    json: 'text',
    created_at: 'int',
  }),
  'filters.trim': statement(
    { user_id: 'text', keep: 'int' },
    `delete from filters where user_id = :user_id and filter_id not in (
       select f.filter_id from filters f where f.user_id = :user_id
       order by f.created_at desc, f.filter_id limit :keep)`,
  ),
  'filters.deleteUser': remove('filters', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
