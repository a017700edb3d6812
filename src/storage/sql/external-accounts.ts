import type { ExternalAccountRow, ExternalAccountStore } from '../contract/external-accounts.ts';
import { insert, type MutationDefinitions, update } from './mutation.ts';
import { query, type Reader } from './query.ts';

const find = query<{ issuer: string; subject: string }, ExternalAccountRow>(
  'select * from external_accounts where issuer = :issuer and subject = :subject',
);

const ofUser = query<{ user_id: string }, ExternalAccountRow>(
  'select * from external_accounts where user_id = :user_id order by created_at, issuer',
);

export function externalAccountStore(db: Reader): ExternalAccountStore {
  return {
    find: (issuer, subject) => db.one(find, { issuer, subject }),
    ofUser: (userId) => db.all(ofUser, { user_id: userId }),
  };
}

export const externalAccountMutations = {
  'external_accounts.insert': insert('external_accounts', {
    issuer: 'text',
    subject: 'text',
    user_id: 'text',
    created_at: 'int',
    roles: 'text',
  }),
  'external_accounts.setRoles': update('external_accounts', { issuer: 'text', subject: 'text' }, { roles: 'text' }),
} satisfies Partial<MutationDefinitions>;
