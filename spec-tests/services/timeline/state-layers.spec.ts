import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { array, assert, nat, property, tuple, uniqueArray } from 'fast-check';
import {
  type Layer,
  nextLayer,
  packEntries,
  stateOfLayers,
  unpackEntries,
} from '../../../src/services/timeline/state-layers.ts';

/** Layers as a room keeps and a database stores them. */
class Layers {
  readonly stored = new Map<number, { parent: number | undefined; diff: Uint8Array; depth: number }>();
  readonly state = new Map<number, number>();
  stack: Layer[] = [];
  bytes = 0;

  change(key: number, event: number): number {
    this.state.set(key, event);
    const layer = nextLayer(this.stack, [[key, event]], () => new Map(this.state));
    const nid = this.stored.size + 1;
    const diff = packEntries(layer.entries);
    this.bytes += diff.length;
    this.stored.set(nid, { parent: layer.parent, diff, depth: layer.depth });
    const entries = layer.parent === undefined ? undefined : layer.entries;
    const beneath = this.stack.slice(0, layer.depth - 1);
    this.stack = [...beneath, { nid, depth: layer.depth, size: layer.entries.size, entries }];
    return nid;
  }

  /** The state after a change, as it is read back. */
  read(nid: number): Map<number, number> {
    const chain: { diff: Uint8Array }[] = [];
    for (let at: number | undefined = nid; at !== undefined; ) {
      const layer: { parent: number | undefined; diff: Uint8Array } = this.stored.get(at)!;
      chain.push(layer);
      at = layer.parent;
    }
    return stateOfLayers(chain);
  }
}

describe('State layers', () => {
  it('pack and unpack any entries', () => {
    const number = nat({ max: Number.MAX_SAFE_INTEGER });
    assert(
      property(uniqueArray(tuple(number, number), { selector: ([key]) => key, maxLength: 200 }), (pairs) => {
        const unpacked = new Map<number, number>();
        unpackEntries(packEntries(new Map(pairs)), unpacked);
        deepStrictEqual(
          [...unpacked],
          pairs.toSorted(([a], [b]) => a - b),
        );
      }),
    );
  });

  it('give back the state after each of any changes', () => {
    assert(
      property(array(nat({ max: 60 }), { maxLength: 300 }), (keys) => {
        const layers = new Layers();
        const after = keys.map((key, i) => [layers.change(key + 1, i + 1), new Map(layers.state)] as const);
        for (const [nid, state] of after) {
          deepStrictEqual(
            [...layers.read(nid)].sort(([a], [b]) => a - b),
            [...state].sort(([a], [b]) => a - b),
          );
          ok(layers.stored.get(nid)!.depth <= 8);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are each at least four times smaller than the one beneath', () => {
    const layers = new Layers();
    for (let i = 1; i <= 3_000; i++) {
      layers.change(i % 7 === 0 ? (i % 50) + 1 : i, i);
      for (let k = 1; k < layers.stack.length; k++) {
        ok(layers.stack[k]!.size * 4 <= layers.stack[k - 1]!.size);
      }
    }
  });

  it('cost little for each of 10,000 joins, and stay shallow', () => {
    const layers = new Layers();
    for (let i = 1; i <= 10_000; i++) layers.change(i, 1_000_000 + i);
    const average = layers.bytes / 10_000;
    ok(average <= 150, `${average} bytes a change`);
    ok([...layers.stored.values()].every(({ depth }) => depth <= 8));
    strictEqual(layers.read(10_000).size, 10_000);
  });

  it('cost little for changes of a large state', () => {
    const layers = new Layers();
    for (let i = 1; i <= 10_000; i++) layers.change(i, i);
    const before = layers.bytes;
    for (let i = 1; i <= 2_000; i++) layers.change(((i * 7_919) % 10_000) + 1, 10_000 + i);
    const average = (layers.bytes - before) / 2_000;
    ok(average <= 150, `${average} bytes a change`);
  });
});
