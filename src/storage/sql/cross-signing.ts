import type { CrossSigningKeyRow, CrossSigningStore, KeySignatureRow } from '../contract/cross-signing.ts';
import { type MutationDefinitions, remove, upsert } from './mutation.ts';
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

export const crossSigningMutations = {
  'cross_signing_keys.put': upsert(
    'cross_signing_keys',
    { user_id: 'text', usage: 'text', public_key: 'text', json: 'text' },
    ['user_id', 'usage'],
  ),
  'key_signatures.put': upsert(
    'key_signatures',
    { user_id: 'text', target: 'text', signer_id: 'text', signer_key: 'text', signature: 'text' },
    ['user_id', 'target', 'signer_id', 'signer_key'],
  ),
  'key_signatures.deleteOn': remove('key_signatures', { user_id: 'text', target: 'text' }),
  'key_signatures.deleteBy': remove('key_signatures', { signer_id: 'text', signer_key: 'text' }),
} satisfies Partial<MutationDefinitions>;
