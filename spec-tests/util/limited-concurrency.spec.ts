import assert from 'node:assert/strict';
import { LimitedConcurrency } from '../../src/util/limited-concurrency.ts';

describe('LimitedConcurrency', () => {
  const tooMany = () => new Error('too many');

  it('runs so many at once, the others in their order, and refuses beyond', async () => {
    const limited = new LimitedConcurrency({ running: 2, waiting: 1 });
    const started: number[] = [];
    const ends = new Map<number, () => void>();
    const job = (n: number) => () => {
      started.push(n);
      return new Promise<number>((resolve) => ends.set(n, () => resolve(n)));
    };
    const runs = [1, 2, 3].map((n) => limited.run(job(n), tooMany));
    await assert.rejects(limited.run(job(4), tooMany), /too many/);
    assert.deepEqual(started, [1, 2]);
    ends.get(1)?.();
    assert.equal(await runs[0], 1);
    await new Promise(setImmediate);
    assert.deepEqual(started, [1, 2, 3]);
    ends.get(2)?.();
    ends.get(3)?.();
    assert.deepEqual(await Promise.all(runs), [1, 2, 3]);
  });

  it('gives the place of one that fails to the next', async () => {
    const limited = new LimitedConcurrency({ running: 1, waiting: 5 });
    const failing = limited.run(async () => {
      throw new Error('no');
    }, tooMany);
    const next = limited.run(async () => 'done', tooMany);
    await assert.rejects(failing, /no/);
    assert.equal(await next, 'done');
  });
});
