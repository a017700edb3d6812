import assert from 'node:assert/strict';
import { LoadingCache } from '../../src/util/loading-cache.ts';

describe('LoadingCache', () => {
  function cacheOf(max = 10) {
    const loads: string[] = [];
    const releases: ((value: number) => void)[] = [];
    const cache = new LoadingCache<string, number>({
      max,
      load: (key) => {
        loads.push(key);
        return new Promise((resolve) => releases.push(resolve));
      },
    });
    return { cache, loads, release: (value: number) => releases.shift()?.(value) };
  }

  it('loads once for all who ask at the same time, and then no more', async () => {
    const { cache, loads, release } = cacheOf();
    const asked = [cache.get('a'), cache.get('a')];
    await Promise.resolve();
    release(1);
    assert.deepEqual(await Promise.all(asked), [1, 1]);
    assert.equal(await cache.get('a'), 1);
    assert.deepEqual(loads, ['a']);
    assert.equal(cache.peek('a'), 1);
  });

  it('does not lose a change that comes while it loads', async () => {
    const { cache, release } = cacheOf();
    const asked = cache.get('a');
    await Promise.resolve();
    cache.update('a', (n) => Math.max(n, 7));
    release(5);
    assert.equal(await asked, 7);
    assert.equal(cache.peek('a'), 7);
  });

  it('leaves alone what nobody asked for', () => {
    const { cache, loads } = cacheOf();
    cache.update('a', () => 1);
    assert.equal(cache.peek('a'), undefined);
    assert.deepEqual(loads, []);
  });

  it('asks again after a failure', async () => {
    let attempts = 0;
    const cache = new LoadingCache<string, number>({
      max: 1,
      load: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('away');
        return attempts;
      },
    });
    await assert.rejects(cache.get('a'), /away/);
    assert.equal(await cache.get('a'), 2);
  });

  it('forgets what was used least recently', async () => {
    const cache = new LoadingCache<string, number>({ max: 2, load: async (key) => key.length });
    for (const key of ['a', 'bb', 'a', 'ccc']) await cache.get(key);
    assert.deepEqual([cache.peek('a'), cache.peek('bb'), cache.peek('ccc')], [1, undefined, 3]);
  });
});
