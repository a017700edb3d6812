import type { AddressProofRow, ThirdPartyIdRow, ThirdPartyIdStore } from '../contract/third-party-ids.ts';
import { insert, type MutationDefinitions, remove, statement, update, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const ofUser = query<{ user: string }, ThirdPartyIdRow>(
  'select * from third_party_ids where user_id = :user order by added_at, address',
);
const find = query<{ medium: string; address: string }, ThirdPartyIdRow>(
  'select * from third_party_ids where medium = :medium and address = :address',
);
const proof = query<{ sid: string }, AddressProofRow>('select * from address_proofs where sid = :sid');
const proofOf = query<{ client: Uint8Array; medium: string; address: string }, AddressProofRow>(
  `select * from address_proofs where client_hash = :client and address = :address and medium = :medium
   order by expires_at desc limit 1`,
);

export function thirdPartyIdStore(db: Reader): ThirdPartyIdStore {
  return {
    ofUser: (user) => db.all(ofUser, { user }),
    find: (medium, address) => db.one(find, { medium, address }),
    proof: (sid) => db.one(proof, { sid }),
    proofOf: (client, medium, address) => db.one(proofOf, { client, medium, address }),
  };
}

const one = { expectOne: true };

export const thirdPartyIdMutations = {
  'third_party_ids.insert': insert('third_party_ids', {
    medium: 'text',
    address: 'text',
    user_id: 'text',
    validated_at: 'int',
    added_at: 'int',
  }),
  'third_party_ids.delete': remove('third_party_ids', { medium: 'text', address: 'text', user_id: 'text' }),
  'third_party_ids.deleteOf': remove('third_party_ids', { user_id: 'text' }),
  'address_proofs.put': upsert(
    'address_proofs',
    {
      sid: 'text',
      medium: 'text',
      address: 'text',
      client_hash: 'bytes',
      token_hash: 'bytes',
      send_attempt: 'int',
      next_link: 'text',
      expires_at: 'int',
      validated_at: 'int',
    },
    ['sid'],
  ),
  'address_proofs.validate': update('address_proofs', { sid: 'text' }, { validated_at: 'int' }, one),
  'address_proofs.use': remove('address_proofs', { sid: 'text' }, one),
  'address_proofs.expire': statement({ now: 'int' }, 'delete from address_proofs where expires_at <= :now'),
} satisfies Partial<MutationDefinitions>;
