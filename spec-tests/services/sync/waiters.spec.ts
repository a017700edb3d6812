import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { Waiters } from '../../../src/services/sync/waiters.ts';

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('Waiters', () => {
  it('tell those who wait, and those who were about to', async () => {
    const waiters = new Waiters(10);
    const one = waiters.add('@a:test');
    const other = waiters.add('@b:test');
    waiters.wake('@a:test');
    await one.news();
    let woken = false;
    void other.news().then(() => {
      woken = true;
    });
    await settle();
    strictEqual(woken, false);
    waiters.wake('@b:test');
    await settle();
    strictEqual(woken, true);
  });

  it('forget what came before a reset', async () => {
    const waiters = new Waiters(10);
    const waiter = waiters.add('@a:test');
    waiters.wake('@a:test');
    waiter.reset();
    let woken = false;
    void waiter.news().then(() => {
      woken = true;
    });
    await settle();
    strictEqual(woken, false);
    waiter.cancel();
    await settle();
    strictEqual(woken, true);
  });

  it('let go of a user’s oldest when too many wait', async () => {
    const waiters = new Waiters(2);
    const all = [1, 2, 3, 4].map(() => waiters.add('@a:test'));
    waiters.add('@b:test');
    deepStrictEqual(
      all.map((waiter) => waiter.isCancelled),
      [true, true, false, false],
    );
    await all[0]!.news();
  });

  it('keep one who waits alone at a bound of one', () => {
    const waiters = new Waiters(1);
    const first = waiters.add('@a:test');
    const second = waiters.add('@a:test');
    deepStrictEqual([first.isCancelled, second.isCancelled], [true, false]);
    strictEqual(waiters.waitingUsers, 1);
    second.cancel();
    strictEqual(waiters.waitingUsers, 0);
  });

  it('wake the few of many, and the many of few', async () => {
    const waiters = new Waiters(10);
    const [a, b] = [waiters.add('@a:test'), waiters.add('@b:test')];
    waiters.wakeAll(new Set(['@a:test', '@x:test', '@y:test', '@z:test']));
    await a.news();
    waiters.wakeAll(new Set(['@b:test']));
    await b.news();
  });

  it('keep nobody who has gone', () => {
    const waiters = new Waiters(10);
    for (let i = 0; i < 100; i++) waiters.add(`@${i}:test`).cancel();
    strictEqual(waiters.waitingUsers, 0);
  });
});
