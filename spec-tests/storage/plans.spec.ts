import { deepStrictEqual } from 'node:assert/strict';
import Database from 'better-sqlite3';
import { sqliteDialect } from '../../src/storage/dialects/sqlite.ts';
import { definitionList } from '../../src/storage/sql/definitions.ts';
import { compile } from '../../src/storage/sql/query.ts';
import { engineName, migratedEngine } from '../support/engines.ts';

/**
 * Mutations that go through a whole table, while nothing else is written: what happens now and then and has no key, and
 * tables that stay small. Whatever is added here needs such a reason.
 */
const MAY_SCAN = [
  // Once an hour at most.
  'login_tokens.expire',
  'openid_tokens.expire',
  'outgoing_events.prune',
  'pushers.deleteOrphans',
  'server_key_documents.trimServers',
  'server_keys.trimServers',
  // When this server leaves a room.
  'remote_device_lists.forgetUnshared',
  'remote_devices.forgetOrphans',
  // Tokens of the last minutes; those that an administrator made; reserved addresses.
  'login_tokens.deleteOf',
  'openid_tokens.deleteOf',
  'registration_tokens.deleteFirst',
  'local_media.expire',
  // A virtual table: its row is found by its number.
  'search_index.delete',
];

// SQLite says what it would do without rows; PostgreSQL goes through tables that are empty.
const onSqlite = engineName() === 'sqlite' ? describe : () => undefined;

onSqlite('Mutations', () => {
  it('find the rows that they change by an index', async () => {
    const made = await migratedEngine();
    const db = new Database(made.config().database.path, { readonly: true });
    try {
      const scanning = definitionList.flatMap(([name, definition]) => {
        const { text, names } = compile(definition.sql(sqliteDialect), sqliteDialect);
        const steps = db.prepare(`explain query plan ${text}`).all(...names.map(() => null)) as { detail: string }[];
        return steps.some(({ detail }) => /^SCAN (?!json_each|CONSTANT)/.test(detail)) ? [name] : [];
      });
      deepStrictEqual(scanning.sort(), [...MAY_SCAN].sort());
    } finally {
      db.close();
      await made.drop();
    }
  });
});
