import type { ProfileFieldRow, ProfileStore } from '../contract/profiles.ts';
import { type MutationDefinitions, remove, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const of = query<{ user_id: string }, ProfileFieldRow>('select * from profile_fields where user_id = :user_id');

export function profileStore(db: Reader): ProfileStore {
  return { of: (user_id) => db.all(of, { user_id }) };
}

const key = { user_id: 'text', field: 'text' } as const;

export const profileMutations = {
  'profile_fields.put': upsert('profile_fields', { ...key, value: 'text' }, ['user_id', 'field']),
  'profile_fields.delete': remove('profile_fields', key),
  'profile_fields.deleteOf': remove('profile_fields', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
