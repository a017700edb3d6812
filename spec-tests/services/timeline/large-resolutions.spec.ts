import assert from 'node:assert/strict';
import { ResolutionThread } from '../../../src/homeserver/resolution-thread.ts';
import { resolve } from '../../../src/protocol/state-resolution/resolve.ts';
import { StorageUnavailableError } from '../../../src/storage/contract/write-set.ts';
import { migratedEngine, type TestEngine } from '../../support/engines.ts';
import { ForkedRoom } from '../../support/forked-room.ts';
import { StoredForkedRoom } from '../../support/stored-forked-room.ts';
import { TestClock } from '../../support/test-clock.ts';
import { openTestStorage, storageOptions } from '../../support/test-storage.ts';

const SIZE = { authChain: 300, members: 30, conflicted: 60 };

describe('A large conflict', function () {
  this.timeout(60_000);

  for (const version of ['1', '2', '11', '12']) {
    it(`in a room of version ${version} has one outcome, in the thread, without it and by the rules`, async () => {
      const forked = new ForkedRoom(version, SIZE);
      const [first] = forked.stateSets;
      const expected = new Map<string, string | undefined>();
      const resolved = resolve({ ...forked, authChains: forked.cover });
      for (const key of new Set([...first!.keys(), ...resolved.keys()])) {
        if (first!.get(key) !== resolved.get(key)) expected.set(key, resolved.get(key));
      }
      assert.ok(expected.size > 10);
      for (const inlineEvents of [1, 100_000]) {
        const stored = await StoredForkedRoom.write(forked, inlineEvents);
        try {
          assert.deepEqual(await stored.resolveByName(), expected);
          // Now with what was stored of the chain cover.
          assert.deepEqual(await stored.resolveByName(), expected);
        } finally {
          await stored.remove();
        }
      }
    });
  }
});

describe('An event that moves thousands of entries of the state', function () {
  this.timeout(60_000);

  it('lets others have their turn while what it moves is taken over', async () => {
    const forked = new ForkedRoom('11', { authChain: 2_000, members: 1_900, conflicted: 3_000 });
    const stored = await StoredForkedRoom.write(forked);
    try {
      const { changes, mostAtOnce } = await stored.merge();
      assert.ok(changes > 700, `${changes} changes`);
      assert.ok(mostAtOnce <= 500, `${mostAtOnce} changes at once`);
      const { kept, read } = await stored.members();
      assert.deepEqual(kept, read);
    } finally {
      await stored.remove();
    }
  });
});

describe('The thread for large conflicts', () => {
  let database: TestEngine;
  let close: () => Promise<void>;
  let clock: TestClock;

  beforeEach(async () => {
    database = await migratedEngine();
    const storage = await openTestStorage(database);
    close = () => storage.close();
    clock = new TestClock();
  });
  afterEach(async () => {
    await close();
    await database.drop();
  });

  const start = (waiting = 10) => {
    const { database: where, lockTimeout } = storageOptions(database);
    return new ResolutionThread({ database: where, lockTimeout }, clock, { inlineEvents: 1, waiting });
  };
  const request = (nid: number, version = '11') => ({
    room: { nid: 1, id: '!room', version },
    stateSets: [Float64Array.of(nid), Float64Array.of()],
    ...{ agreed: Float64Array.of(), events: [], keys: [] },
  });

  it('says what it cannot resolve, and goes on', async () => {
    const thread = start();
    await assert.rejects(thread.resolve(request(1)), /in !room was not resolved.*event number 1 is not stored/s);
    await assert.rejects(thread.resolve(request(1, '99')), /unknown version 99/);
    const { stateSets: _, ...rest } = request(0);
    assert.equal((await thread.resolve({ ...rest, stateSets: [] })).resolved.length, 0);
    await thread.close();
  });

  it('is given up when it has nothing to do for a while, and started again', async () => {
    const thread = start();
    const nothing = { ...request(0), stateSets: [] };
    await thread.resolve(nothing);
    assert.equal(clock.pending, 1);
    clock.advance(60_000);
    assert.equal(clock.pending, 0);
    for (let times = 0; times < 2; times++) {
      assert.equal((await thread.resolve(nothing)).resolved.length, 0);
      await thread.close();
    }
    assert.equal(clock.pending, 0);
  });

  it('has so many wait and no more', async () => {
    const thread = start(2);
    const nothing = { ...request(0), stateSets: [] };
    const waiting = [thread.resolve(nothing), thread.resolve(nothing)];
    await assert.rejects(thread.resolve(nothing), StorageUnavailableError);
    await Promise.all(waiting);
    await thread.close();
  });
});
