import assert from 'node:assert/strict';
import { trimKeys } from '../../src/federation/key-ring/trim-keys.ts';
import type { Storage } from '../../src/storage/contract/storage.ts';
import { WriteSet } from '../../src/storage/contract/write-set.ts';
import { migratedEngine, type TestEngine } from '../support/engines.ts';
import { openTestStorage } from '../support/test-storage.ts';

describe('Keys of servers in the database', () => {
  let database: TestEngine;
  let storage: Storage;

  beforeEach(async () => {
    database = await migratedEngine();
    storage = await openTestStorage(database);
  });
  afterEach(async () => {
    await storage.close();
    await database.drop();
  });

  const learn = async (server_name: string, keys: number, valid_until_ts: number) => {
    const set = new WriteSet();
    const document_id = `of ${server_name}`;
    set.add('server_key_documents.put', { server_name, document_id, json: '{}', learned_at: 1 });
    for (let n = 0; n < keys; n++) {
      const key = { key_id: `ed25519:${n}`, public_key: '', valid_until_ts, document_id };
      set.add('server_keys.put', { server_name, ...key });
    }
    await storage.commit(set);
  };
  const SERVERS = ['new.example', 'old.example', 'here.example', 'flood.example'];
  const left = async () => {
    const [keys, documents] = await storage.read(async (tx) => [
      await tx.serverKeys.keysOf(SERVERS),
      await tx.serverKeys.documentsOf(SERVERS),
    ]);
    const names = [...new Set(keys.map((key) => key.server_name))].sort();
    assert.deepEqual(documents.map((document) => document.server_name).sort(), names);
    return names;
  };

  it('are so many of all servers together, and those of rooms here are kept longest', async () => {
    await learn('old.example', 2, 1_000);
    await learn('new.example', 2, 2_000);
    await learn('here.example', 2, 10);
    await learn('flood.example', 90, 3_000);
    const set = new WriteSet();
    set.add('room_servers.arrive', { room_nid: 1, server: 'here.example', position: set.nextPosition() });
    await storage.commit(set);
    await trimKeys(storage, 96);
    assert.deepEqual(await left(), ['flood.example', 'here.example', 'new.example', 'old.example']);
    await trimKeys(storage, 95);
    assert.deepEqual(await left(), ['flood.example', 'here.example', 'new.example']);
    await trimKeys(storage, 92);
    assert.deepEqual(await left(), ['flood.example', 'here.example']);
    await trimKeys(storage, 4);
    assert.deepEqual(await left(), ['here.example']);
    await trimKeys(storage, 1);
    assert.deepEqual(await left(), []);
  });
});
