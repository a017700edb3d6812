import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import type { Storage } from '../../src/storage/contract/storage.ts';
import {
  ConflictError,
  type Mutations,
  StaleDecisionError,
  StorageUnavailableError,
  WriteSet,
} from '../../src/storage/contract/write-set.ts';
import { migratedEngine, type TestEngine } from '../support/engines.ts';
import { openTestStorage } from '../support/test-storage.ts';
import { addPositioned, roomSet } from './write-sets.ts';

/** What became of each, in order: `'done'` or the name of the error. */
async function outcomes(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as Error).name));
}

describe('Committing write sets', () => {
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

  const roomIds = async (nids: readonly number[]) =>
    (await storage.read((tx) => tx.rooms.byNids(nids))).map((row) => row.room_nid).sort((a, b) => a - b);
  const positions = async () =>
    new Map(
      (await storage.read((tx) => tx.accountData.changedSince('@a:test', 0, Number.MAX_SAFE_INTEGER))).map(
        ({ type, position }) => [type, position],
      ),
    );

  it('gives positions in the order in which sets were handed over', async () => {
    const before = storage.head;
    const given = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const set = new WriteSet();
        const first = addPositioned(set, `${i}a`);
        const second = addPositioned(set, `${i}b`);
        const committed = await storage.commit(set);
        return [committed.position(first), committed.position(second)];
      }),
    );
    const flat = given.flat() as number[];
    deepStrictEqual(
      flat,
      [...flat].sort((a, b) => a - b),
    );
    ok(flat[0]! > before);
    ok(storage.head >= flat.at(-1)!);
    const stored = await positions();
    for (const [i, [first, second]] of given.entries()) {
      deepStrictEqual([stored.get(`${i}a`), stored.get(`${i}b`)], [first, second]);
    }
  });

  it('writes more sets than fit in one transaction', async () => {
    await storage.close();
    storage = await openTestStorage(database, { maxBatch: 3 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => storage.commit(roomSet(i + 1))));
    strictEqual((await roomIds(Array.from({ length: 20 }, (_, i) => i + 1))).length, 20);
  });

  it('refuses a set that conflicts, and that one alone', async () => {
    await storage.commit(roomSet(1));
    const sets = [roomSet(2), roomSet(1, roomSet(3)), roomSet(4)];
    deepStrictEqual(await outcomes(sets.map((set) => storage.commit(set))), ['done', 'ConflictError', 'done']);
    deepStrictEqual(await roomIds([1, 2, 3, 4]), [1, 2, 4]);
  });

  it('refuses each of many that conflict, among many that do not', async () => {
    await storage.commit(roomSet(1));
    const sets = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? roomSet(1) : roomSet(i + 2)));
    for (const [i, set] of sets.entries()) if (i % 3 === 1 && i % 2 === 0) set.after = sets[i - 1];
    const expected = sets.map((set, i) => (i % 3 === 0 ? 'ConflictError' : set.after ? 'StaleDecisionError' : 'done'));
    deepStrictEqual(await outcomes(sets.map((set) => storage.commit(set))), expected);
    const done = expected.flatMap((what, i) => (what === 'done' ? [i + 2] : []));
    deepStrictEqual(await roomIds(Array.from({ length: 50 }, (_, i) => i + 2)), done);
  });

  it('writes sets of thousands of mutations whole or not at all, among others', async () => {
    const many = (from: number, to: number, set = new WriteSet()) => {
      for (let nid = from; nid <= to; nid++) roomSet(nid, set);
      return set;
    };
    const large = many(1, 2_500);
    const refused = roomSet(1, many(3_001, 4_200));
    const last = many(5_001, 6_001);
    const at = addPositioned(last, 'last');
    const all = [large, refused, roomSet(9_000), last].map((set) => storage.commit(set));
    deepStrictEqual(await outcomes(all), ['done', 'ConflictError', 'done', 'done']);
    strictEqual((await positions()).get('last'), (await all[3]!).position(at));
    deepStrictEqual(await roomIds([1, 2_500, 3_001, 4_200, 5_001, 6_001, 9_000]), [1, 2_500, 5_001, 6_001, 9_000]);
    await storage.commit(many(7_001, 8_500));
    deepStrictEqual(await roomIds([7_001, 8_500]), [7_001, 8_500]);
  });

  it('lets others have their turn among early effects, which come in order before the rest and the new head', async () => {
    const seen: string[] = [];
    const set = roomSet(1);
    const position = addPositioned(set, 'x');
    const before = storage.head;
    let turn = 0;
    const turns: number[] = [];
    set.onCommitted((committed) => {
      seen.push('the rest');
      ok(storage.head < committed.position(position));
    });
    for (let i = 0; i < 1_600; i++) {
      set.onCommittedEarly(() => {
        if (i === 0) setImmediate(next);
        turns[turn] = (turns[turn] ?? 0) + 1;
        strictEqual(storage.head, before);
        if (i === 1_599) seen.push('the last early one');
      });
    }
    const next = () => {
      turn += 1;
      if (seen.length === 0) setImmediate(next);
    };
    const after = roomSet(2).onCommitted(() => seen.push('the next set'));
    await Promise.all([storage.commit(set), storage.commit(after)]);
    deepStrictEqual(seen, ['the last early one', 'the rest', 'the next set']);
    ok(Math.max(...turns) <= 500, `${turns} in the turns`);
    strictEqual(
      turns.reduce((sum, count) => sum + count, 0),
      1_600,
    );
  });

  it('refuses a set whose mutation had to change one row and changed none', async () => {
    const set = roomSet(1).add('users.setPassword', { user_id: '@nobody:test', password_hash: '' });
    await rejects(storage.commit(set), ConflictError);
    deepStrictEqual(await roomIds([1]), []);
  });

  it('refuses what was decided on top of a refused set, in the same transaction', async () => {
    await storage.commit(roomSet(1));
    const [bad, onBad, onThat, other] = [roomSet(1), roomSet(2), roomSet(3), roomSet(4)];
    onBad.after = bad;
    onThat.after = onBad;
    deepStrictEqual(await outcomes([bad, onBad, onThat, other].map((set) => storage.commit(set))), [
      'ConflictError',
      'StaleDecisionError',
      'StaleDecisionError',
      'done',
    ]);
    deepStrictEqual(await roomIds([1, 2, 3, 4]), [1, 4]);
  });

  it('refuses what was decided on top of a set that was refused before', async () => {
    await storage.commit(roomSet(1));
    const [bad, onBad, onThat] = [roomSet(1), roomSet(2), roomSet(3)];
    onBad.after = bad;
    onThat.after = onBad;
    const first = storage.commit(bad);
    await Promise.resolve();
    // The first is on its way: these are for the next transaction, and the last comes after all is known.
    const second = storage.commit(onBad);
    deepStrictEqual(await outcomes([first, second]), ['ConflictError', 'StaleDecisionError']);
    await rejects(storage.commit(onThat), StaleDecisionError);
    deepStrictEqual(await roomIds([1, 2, 3]), [1]);
  });

  it('commits what was decided on top of a set that succeeded', async () => {
    const [first, second] = [roomSet(1), roomSet(2)];
    second.after = first;
    await Promise.all([storage.commit(first), storage.commit(second)]);
    deepStrictEqual(await roomIds([1, 2]), [1, 2]);
  });

  it('refuses a decision that was given up', async () => {
    const set = roomSet(1);
    set.failed = true;
    await rejects(storage.commit(set), StaleDecisionError);
    deepStrictEqual(await roomIds([1]), []);
  });

  it('refuses a mutation that it does not know, and what was decided on top of it', async () => {
    const set = new WriteSet().add('rooms.explode' as keyof Mutations, {} as never);
    const onTop = roomSet(1);
    onTop.after = set;
    await rejects(storage.commit(set), /rooms\.explode/);
    await rejects(storage.commit(onTop), StaleDecisionError);
  });

  it('runs effects in order, before the new head can be seen', async () => {
    const before = storage.head;
    const seen: [string, number][] = [];
    const sets = ['a', 'b', 'c'].map((name) => {
      const set = new WriteSet();
      const position = addPositioned(set, name);
      set.onCommitted((committed) => {
        ok(storage.head < committed.position(position));
        seen.push([name, committed.position(position)]);
      });
      return set.onCommitted(() => seen.push([`${name} again`, 0]));
    });
    const done = Promise.all(sets.map((set) => storage.commit(set)));
    strictEqual(seen.length, 0);
    await done;
    deepStrictEqual(
      seen.map(([name]) => name),
      ['a', 'a again', 'b', 'b again', 'c', 'c again'],
    );
    ok(seen[0]![1] > before);
    ok(storage.head >= seen[4]![1]);
  });

  it('runs no effect of a set that is refused', async () => {
    await storage.commit(roomSet(1));
    let ran = false;
    const set = roomSet(1).onCommitted(() => {
      ran = true;
    });
    await rejects(storage.commit(set), ConflictError);
    strictEqual(ran, false);
  });

  it('reports an effect that throws, and goes on', async () => {
    await storage.close();
    const faults: unknown[] = [];
    storage = await openTestStorage(database, { onFault: (error) => faults.push(error) });
    let ran = false;
    const set = roomSet(1)
      .onCommitted(() => {
        throw new Error('a listener is wrong');
      })
      .onCommitted(() => {
        ran = true;
      });
    await Promise.all([storage.commit(set), storage.commit(roomSet(2))]);
    ok(ran);
    deepStrictEqual(
      faults.map((error) => (error as Error).message),
      ['a listener is wrong'],
    );
    deepStrictEqual(await roomIds([1, 2]), [1, 2]);
  });

  it('refuses with 503 what is more than may wait, and what was decided on top of it', async () => {
    await storage.close();
    storage = await openTestStorage(database, { maxPending: 2 });
    const sets = [roomSet(1), roomSet(2), roomSet(3), roomSet(4)];
    sets[3]!.after = sets[2];
    const promises = sets.map((set) => storage.commit(set));
    await rejects(promises[2]!, (error) => error instanceof StorageUnavailableError && error.status === 503);
    deepStrictEqual(await outcomes(promises), ['done', 'done', 'StorageUnavailableError', 'StorageUnavailableError']);
    const late = roomSet(4);
    late.after = sets[2];
    await rejects(storage.commit(late), StaleDecisionError);
    await storage.commit(roomSet(5));
  });

  it('drains: resolves when all that was asked for has ended', async () => {
    await storage.drain();
    let done = 0;
    for (let i = 1; i <= 50; i++) void storage.commit(roomSet(i)).then(() => done++);
    await storage.drain();
    strictEqual(done, 50);
  });

  it('closes when all that was asked for has ended', async () => {
    const all = Array.from({ length: 50 }, (_, i) => storage.commit(roomSet(i + 1)));
    await storage.close();
    await Promise.all(all);
    storage = await openTestStorage(database);
    strictEqual((await roomIds(Array.from({ length: 50 }, (_, i) => i + 1))).length, 50);
  });

  it('goes on with head and numbers where it stopped', async () => {
    const nid = storage.nextNid('room');
    const set = roomSet(nid);
    addPositioned(set, 'x');
    await storage.commit(set);
    const { head } = storage;
    await storage.close();
    storage = await openTestStorage(database);
    strictEqual(storage.head, head);
    strictEqual(storage.nextNid('room'), nid + 1);
    const more = new WriteSet();
    const position = addPositioned(more, 'y');
    ok((await storage.commit(more)).position(position) > head);
  });

  it('numbers positions after those of a command that has written meanwhile', async () => {
    const command = await openTestStorage(database, { user: 'command' });
    try {
      const foreign = new WriteSet();
      const theirs = addPositioned(foreign, 'theirs');
      const before = (await command.commit(foreign)).position(theirs);
      const own = new WriteSet();
      const ours = addPositioned(own, 'ours');
      const after = (await storage.commit(own)).position(ours);
      ok(after > before);
      ok(storage.head >= after);
      notStrictEqual(command.head, storage.head);
      const again = new WriteSet();
      const last = addPositioned(again, 'theirs');
      ok((await command.commit(again)).position(last) > after);
    } finally {
      await command.close();
    }
  });

  it('lets a command make no rooms and events', async () => {
    const command = await openTestStorage(database, { user: 'command' });
    try {
      for (const kind of ['room', 'event', 'layer'] as const) {
        let message = '';
        try {
          command.nextNid(kind);
        } catch (error) {
          message = (error as Error).message;
        }
        strictEqual(message, 'only the server makes rooms and events');
      }
    } finally {
      await command.close();
    }
  });

  it('keeps text, bytes and integers as they are', async () => {
    const text = 'a "quote", a \\ backslash, \u{1F600}, \u2028, $1 :name ::text ?';
    const key = new Uint8Array([0, 1, 127, 128, 255, 92]);
    const row = { transaction_key: key, device_id: text, txn_id: "it's", event_nid: 2 ** 53 - 1 };
    await storage.commit(
      new WriteSet().add('transactions.insert', { ...row, response: null, created_at: 1_700_000_000_000 }),
    );
    const stored = await storage.read((tx) => tx.events.transaction(key));
    deepStrictEqual(
      { ...stored, transaction_key: new Uint8Array(stored!.transaction_key) },
      { ...row, response: null, created_at: 1_700_000_000_000 },
    );
  });
});
