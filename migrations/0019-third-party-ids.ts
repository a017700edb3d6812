import type { Migration } from '../src/storage/migration.ts';

/** E-mail addresses of accounts, and proofs that somebody has an address. */
export const thirdPartyIds: Migration = {
  name: '0019-third-party-ids',
  up({ table, index }) {
    table(
      'third_party_ids',
      { medium: 'text', address: 'text', user_id: 'text', validated_at: 'int', added_at: 'int' },
      ['medium', 'address'],
    );
    index('third_party_ids_by_user', 'third_party_ids', ['user_id']);
    table(
      'address_proofs',
      {
        sid: 'text',
        medium: 'text',
        address: 'text',
        // SHA-256 of what only the client knows, and of what only who reads the mail knows.
        client_hash: 'bytes',
        token_hash: 'bytes',
        send_attempt: 'int',
        next_link: 'text?',
        expires_at: 'int',
        validated_at: 'int?',
      },
      ['sid'],
    );
    index('address_proofs_by_client', 'address_proofs', ['client_hash', 'address']);
    index('address_proofs_by_expiry', 'address_proofs', ['expires_at']);
  },
};
