import assert from 'node:assert/strict';
import { Lru } from '../../src/util/lru.ts';

describe('Lru', () => {
  it('keeps what was used last, up to its bound', () => {
    const gone: string[] = [];
    const cache = new Lru<string, number>({ max: 2, dispose: (_value, key, reason) => gone.push(`${key} ${reason}`) });
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    assert.deepEqual([...cache.keys()].sort(), ['a', 'c']);
    assert.deepEqual(gone, ['b evict']);
  });

  it('counts the sizes of values', () => {
    const cache = new Lru<string, string>({ max: 10, sizeOf: (value) => value.length });
    cache.set('a', '1234');
    cache.set('b', '1234');
    cache.set('c', '1234');
    assert.deepEqual([...cache.keys()].sort(), ['b', 'c']);
    cache.set('c', '12');
    assert.equal(cache.calculatedSize, 6);
  });

  it('takes no memory for what is not there yet', () => {
    const before = process.memoryUsage();
    const cache = new Lru<number, number>({ max: 50_000_000 });
    cache.set(1, 1);
    const after = process.memoryUsage();
    assert.ok(after.heapUsed + after.external - before.heapUsed - before.external < 10_000_000);
    assert.equal(cache.get(1), 1);
  });
});
