import assert from 'node:assert/strict';
import { ChainCover, type ChainLink, type Placement } from '../../../src/protocol/state-resolution/chain-cover.ts';
import { IndexedChainCover } from '../../../src/protocol/state-resolution/indexed-chain-cover.ts';

const at = (chain: number, sequence: number) => ({ chain, sequence });

describe('chain cover', () => {
  it('continues the chain of an auth event of the same state entry', () => {
    const cover = new ChainCover();
    const create = cover.place('create', []);
    const join = cover.place('alice', [create.position]);
    const rename = cover.place('alice', [create.position, join.position]);
    assert.deepEqual(
      [create, join, rename].map((p) => p.position),
      [at(0, 1), at(1, 1), at(1, 2)],
    );
  });

  it('begins a chain where that of the auth event goes on elsewhere', () => {
    const cover = new ChainCover();
    const join = cover.place('alice', []);
    const here = cover.place('alice', [join.position]);
    const there = cover.place('alice', [join.position]);
    assert.deepEqual([here.position, there.position], [at(0, 2), at(1, 1)]);
    assert.deepEqual(there.links, [{ from: at(1, 1), to: at(0, 1) }]);
  });

  it('adds no link for what other auth events reach', () => {
    const cover = new ChainCover();
    const create = cover.place('create', []);
    const levels = cover.place('levels', [create.position]);
    const join = cover.place('alice', [create.position, levels.position]);
    assert.deepEqual(join.links, [{ from: at(2, 1), to: at(1, 1) }]);
    const rename = cover.place('alice', [create.position, levels.position, join.position]);
    assert.deepEqual(rename.links, []);
  });

  it('tells auth differences and subgraphs as ranges, whatever their length', () => {
    const cover = new ChainCover();
    let last = cover.place('levels', []).position;
    const old = last;
    for (let i = 0; i < 50_000; i++) last = cover.place('levels', [last]).position;
    assert.deepEqual(cover.authDifference([[old], [last]]), [{ chain: 0, after: 1, upTo: 50_001 }]);
    assert.deepEqual(cover.authDifference([[last], [last]]), []);
    assert.deepEqual(cover.conflictedStateSubgraph([old, last]), [{ chain: 0, after: 0, upTo: 50_001 }]);
  });

  it('answers the same and goes on the same after it was stored', () => {
    const cover = new ChainCover();
    const placed: Placement[] = [];
    const place = (key: string, ...auth: number[]) =>
      placed.push(
        cover.place(
          key,
          auth.map((i) => (placed[i] as Placement).position),
        ),
      );
    place('create');
    place('levels', 0);
    place('alice', 0, 1);
    place('levels', 0, 1, 2);
    place('levels', 0, 1, 2);
    place('bob', 0, 3);
    place('bob', 0, 4, 5);
    const chains = new Map<number, { key: string; length: number }>();
    const keys = ['create', 'levels', 'alice', 'levels', 'levels', 'bob', 'bob'];
    const links: ChainLink[] = [];
    for (const [i, { position, links: added }] of placed.entries()) {
      chains.set(position.chain, { key: keys[i] as string, length: position.sequence });
      links.push(...added);
    }
    const restored = new ChainCover(chains.values(), links);
    const positions = placed.map(({ position }) => position);
    for (const a of positions) {
      for (const b of positions) {
        assert.deepEqual(restored.authDifference([[a], [b]]), cover.authDifference([[a], [b]]));
        assert.deepEqual(restored.conflictedStateSubgraph([a, b]), cover.conflictedStateSubgraph([a, b]));
      }
    }
    assert.deepEqual(restored.place('bob', positions.slice(4)), cover.place('bob', positions.slice(4)));
  });
});

describe('indexed chain cover', () => {
  it('speaks of events by their ids', () => {
    const cover = new IndexedChainCover();
    cover.add('$create', 'create', []);
    cover.add('$join', 'alice', ['$create']);
    cover.add('$name', 'alice', ['$create', '$join']);
    assert.deepEqual(
      cover.authDifference([
        ['$create', '$join'],
        ['$create', '$name'],
      ]),
      ['$name'],
    );
    assert.deepEqual(cover.conflictedStateSubgraph(new Set(['$create', '$name'])).toSorted(), [
      '$create',
      '$join',
      '$name',
    ]);
  });

  it('takes no event before its auth events', () => {
    assert.throws(() => new IndexedChainCover().add('$join', 'alice', ['$create']), /\$create has no place/);
  });
});

describe('indexed chain cover by numbers', () => {
  const made = () => {
    const cover = new IndexedChainCover<number>();
    cover.add(1, 'create', []);
    cover.add(2, 'alice', [1]);
    cover.add(3, 'levels', [1, 2]);
    cover.add(4, 'levels', [1, 2, 3]);
    cover.add(5, 'levels', [1, 2, 3]);
    cover.add(6, 'bob', [1, 4]);
    return cover;
  };

  it('is the same after it was stored', () => {
    const cover = made();
    const stored = IndexedChainCover.from<number>(JSON.parse(JSON.stringify(cover.listed)));
    assert.deepEqual(stored.listed, cover.listed);
    for (const one of [cover, stored]) {
      one.add(7, 'levels', [1, 2, 5]);
      assert.deepEqual(one.authDifference([[6], [7]]).sort(), [4, 5, 6, 7]);
      assert.deepEqual(one.conflictedStateSubgraph([3, 6]).sort(), [3, 4, 6]);
      assert.deepEqual(one.eventsOf('levels').sort(), [3, 4, 5, 7]);
      assert.equal(one.size, 7);
    }
    assert.deepEqual(stored.listed, cover.listed);
  });

  it('leaves out of the auth difference what all states reach by what they have in common', () => {
    const cover = made();
    assert.deepEqual(cover.authDifference([[6], [2]]).sort(), [3, 4, 6]);
    assert.deepEqual(cover.authDifference([[6], [2]], [5]).sort(), [4, 6]);
    assert.deepEqual(
      cover
        .authDifference([
          [6, 5],
          [2, 5],
        ])
        .sort(),
      [4, 6],
    );
  });

  it('forks into two that grow apart', () => {
    const cover = made();
    const fork = cover.fork();
    fork.add(7, 'bob', [1, 4, 6]);
    assert.ok(!cover.has(7));
    cover.add(8, 'bob', [1, 4, 6]);
    assert.deepEqual(fork.authDifference([[7], [6]]), [7]);
    assert.deepEqual(cover.authDifference([[8], [6]]), [8]);
  });
});
