import { match, ok, rejects, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Storage } from '../../src/storage/contract/storage.ts';
import { StorageUnavailableError } from '../../src/storage/contract/write-set.ts';
import { DatabaseInUseError } from '../../src/storage/engine/database-in-use.ts';
import { migratedEngine, type TestEngine } from '../support/engines.ts';
import { openTestStorage } from '../support/test-storage.ts';
import { roomSet } from './write-sets.ts';

describe('A database in use by a server', () => {
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

  it('refuses a second server, in the same process and in another, and says who has it', async () => {
    await rejects(openTestStorage(database), (error) => {
      ok(error instanceof DatabaseInUseError);
      match(error.message, /^the (PostgreSQL )?database \S+ is in use by another iGChat server \(.*process \d+.*\)\./);
      return true;
    });
    const script = fileURLToPath(new URL('./support/write-until-killed.js', import.meta.url));
    const other = spawn(process.execPath, [script, JSON.stringify(database.config().database)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    other.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const [code] = await once(other, 'exit');
    strictEqual(code, 1);
    match(errors, /DatabaseInUseError/);
    // The first one has lost nothing by it.
    await storage.commit(roomSet(1));
    await rejects(openTestStorage(database), DatabaseInUseError);
  });

  it('lets commands in, which see and add to what is there', async () => {
    await storage.commit(roomSet(1));
    const command = await openTestStorage(database, { user: 'command' });
    strictEqual((await command.read((tx) => tx.rooms.byId('!room1')))?.room_nid, 1);
    await command.commit(roomSet(2));
    await command.close();
    strictEqual((await storage.read((tx) => tx.rooms.byId('!room2')))?.room_nid, 2);
  });

  it('is free when the server has stopped, and stays so whatever comes too late', async () => {
    await storage.close();
    await rejects(storage.commit(roomSet(1)), StorageUnavailableError);
    storage = await openTestStorage(database);
    await storage.commit(roomSet(1));
  });
});
