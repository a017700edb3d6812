import type { CrossSigningKeyRow, CrossSigningStore, KeySignatureRow } from '../contract/cross-signing.ts';
import { insert, type MutationDefinitions, remove, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const keysOf = query<{ users: readonly string[] }, CrossSigningKeyRow>(
  (d) => `select * from cross_signing_keys where ${d.inList('user_id', ':users', 'text')}`,
);
const signatures = query<{ users: readonly string[]; viewer: string }, KeySignatureRow>(
  (d) => `select * from key_signatures where ${d.inList('user_id', ':users', 'text')}
   and (signer_id = user_id or signer_id = :viewer)`,
);

export function crossSigningStore(db: Reader): CrossSigningStore {
  return {
    keysOf: async (users) => (users.length === 0 ? [] : db.all(keysOf, { users })),
    signatures: async (users, viewer) => (users.length === 0 ? [] : db.all(signatures, { users, viewer })),
  };
}

const crossSigningKey = { user_id: 'text', usage: 'text', public_key: 'text', json: 'text' } as const;

export const crossSigningMutations = {
  'cross_signing_keys.insert': insert('cross_signing_keys', crossSigningKey),
  'cross_signing_keys.replace': statement(
    { ...crossSigningKey, replaced: 'text' },
    `update cross_signing_keys set public_key = :public_key, json = :json
     where user_id = :user_id and usage = :usage and public_key = :replaced`,
    { expectOne: true },
  ),
  'key_signatures.put': upsert(
    'key_signatures',
    { user_id: 'text', target: 'text', signer_id: 'text', signer_key: 'text', signature: 'text' },
    ['user_id', 'target', 'signer_id', 'signer_key'],
  ),
  'key_signatures.deleteOn': remove('key_signatures', { user_id: 'text', target: 'text' }),
  'cross_signing_keys.deleteOf': remove('cross_signing_keys', { user_id: 'text' }),
  'key_signatures.deleteOf': statement(
    { user_id: 'text' },
    'delete from key_signatures where user_id = :user_id or signer_id = :user_id',
  ),
  'key_signatures.deleteBy': remove('key_signatures', { signer_id: 'text', signer_key: 'text' }),
} satisfies Partial<MutationDefinitions>;
