import type { Migration } from '../src/storage/migration.ts';

/** The signing keys of other servers, and what they said when they told them. */
export const serverKeys: Migration = {
  name: '0008-server-keys',
  up({ table }) {
    table(
      'server_keys',
      {
        server_name: 'text',
        key_id: 'text',
        public_key: 'text',
        valid_until_ts: 'int',
        document_id: 'text',
      },
      ['server_name', 'key_id'],
    );
    table('server_key_documents', { server_name: 'text', document_id: 'text', json: 'text', learned_at: 'int' }, [
      'server_name',
      'document_id',
    ]);
  },
};
