import type { ServerKeyDocumentRow, ServerKeyRow, ServerKeyStore } from '../contract/server-keys.ts';
import { type MutationDefinitions, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const keysOf = query<{ servers: readonly string[] }, ServerKeyRow>(
  (d) => `select * from server_keys where ${d.inList('server_name', ':servers', 'text')}`,
);
const documentsOf = query<{ servers: readonly string[] }, ServerKeyDocumentRow>(
  (d) => `select * from server_key_documents where ${d.inList('server_name', ':servers', 'text')}
   order by learned_at desc, document_id`,
);

const count = query<Record<never, never>, { keys: number }>('select count(*) as keys from server_keys');

export function serverKeyStore(db: Reader): ServerKeyStore {
  return {
    keysOf: (servers) => db.all(keysOf, { servers }),
    documentsOf: (servers) => db.all(documentsOf, { servers }),
    count: async () => Number((await db.one(count, {}))?.keys ?? 0),
  };
}

export const serverKeyMutations = {
  'server_keys.put': upsert(
    'server_keys',
    { server_name: 'text', key_id: 'text', public_key: 'text', valid_until_ts: 'int', document_id: 'text' },
    ['server_name', 'key_id'],
  ),
  'server_keys.trim': statement(
    { server_name: 'text', keep: 'int' },
    `delete from server_keys where server_name = :server_name and key_id not in (
       select k.key_id from server_keys k where k.server_name = :server_name
       order by k.valid_until_ts desc, k.key_id limit :keep)`,
  ),
  'server_keys.trimServers': statement(
    { keep: 'int' },
    `delete from server_keys where server_name in (
       select server_name from (
         select k.server_name, sum(count(*)) over (order by
           case when exists (select 1 from room_servers r where r.server = k.server_name) then 0 else 1 end,
           max(k.valid_until_ts) desc, k.server_name) as keys
         from server_keys k group by k.server_name) ranked
       where keys > :keep)`,
  ),
  'server_key_documents.put': upsert(
    'server_key_documents',
    { server_name: 'text', document_id: 'text', json: 'text', learned_at: 'int' },
    ['server_name', 'document_id'],
  ),
  'server_key_documents.trim': statement(
    { server_name: 'text' },
    `delete from server_key_documents where server_name = :server_name and document_id not in (
       select k.document_id from server_keys k where k.server_name = :server_name)`,
  ),
  'server_key_documents.trimServers': statement(
    {},
    `delete from server_key_documents where not exists (
       select 1 from server_keys k where k.server_name = server_key_documents.server_name)`,
  ),
} satisfies Partial<MutationDefinitions>;
