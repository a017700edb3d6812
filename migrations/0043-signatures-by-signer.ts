import type { Migration } from '../src/storage/migration.ts';

/** What somebody has signed is found when their key goes. */
export const signaturesBySigner: Migration = {
  name: '0043-signatures-by-signer',
  up({ index }) {
    index('key_signatures_by_signer', 'key_signatures', ['signer_id', 'signer_key']);
  },
};
