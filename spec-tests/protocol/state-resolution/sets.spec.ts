import assert from 'node:assert/strict';
import { referencedIds } from '../../../src/protocol/events/event-reference.ts';
import { WalkedAuthChains } from '../../../src/protocol/state-resolution/auth-chains.ts';
import { authDifference } from '../../../src/protocol/state-resolution/auth-difference.ts';
import { fullAuthChain } from '../../../src/protocol/state-resolution/full-auth-chain.ts';
import { fullConflictedSet } from '../../../src/protocol/state-resolution/full-conflicted-set.ts';
import { splitConflicted } from '../../../src/protocol/state-resolution/split-conflicted.ts';
import { type StateMap, stateMapKey } from '../../../src/protocol/state-resolution/state-map.ts';
import { rulesOf } from '../authorization/room-state.ts';
import { graphEvents } from './graph-events.ts';

const state = (entries: Record<string, string>): StateMap => new Map(Object.entries(entries));

/** `old` ← `between` ← `new`, with `apart` beside them, all on `root`. */
const events = graphEvents({
  root: {},
  old: { auth: ['root'] },
  between: { auth: ['root', 'old'] },
  new: { auth: ['root', 'between'] },
  apart: { auth: ['root'] },
});
const chains = new WalkedAuthChains(events);

describe('state map keys', () => {
  it('keep apart whatever the halves hold', () => {
    assert.notEqual(stateMapKey('a\0b', 'c'), stateMapKey('a', 'b\0c'));
    assert.notEqual(stateMapKey('ab', 'c'), stateMapKey('a', 'bc'));
    assert.notEqual(stateMapKey('1:a', ''), stateMapKey('1', ':a'));
    assert.equal(stateMapKey('m.room.topic', ''), stateMapKey('m.room.topic', ''));
  });
});

describe('split of conflicted from unconflicted state', () => {
  it('puts an entry with two events among the conflicted', () => {
    const split = splitConflicted(rulesOf('11'), [state({ a: '1', b: '2' }), state({ a: '1', b: '3' })]);
    assert.deepEqual(split, { unconflicted: state({ a: '1' }), conflicted: new Set(['2', '3']) });
  });

  it('puts an entry that one state lacks among the conflicted in v2 and v2.1, not in v1', () => {
    const stateSets = [state({ a: '1' }), state({ a: '1', b: '2' })];
    for (const version of ['2', '12']) {
      const split = splitConflicted(rulesOf(version), stateSets);
      assert.deepEqual(split, { unconflicted: state({ a: '1' }), conflicted: new Set(['2']) });
    }
    const split = splitConflicted(rulesOf('1'), stateSets);
    assert.deepEqual(split, { unconflicted: state({ a: '1', b: '2' }), conflicted: new Set() });
  });

  it('weighs all of three states', () => {
    const split = splitConflicted(rulesOf('12'), [state({ a: '1' }), state({ a: '1' }), state({ a: '2', b: '3' })]);
    assert.deepEqual(split, { unconflicted: new Map(), conflicted: new Set(['1', '2', '3']) });
  });

  it('of no state is nothing', () => {
    assert.deepEqual(splitConflicted(rulesOf('12'), []), { unconflicted: new Map(), conflicted: new Set() });
  });
});

describe('auth difference', () => {
  const authEventsOf = (id: string) => referencedIds(events.get(id)?.pdu.auth_events ?? []);

  it('is what some full auth chains have and others lack', () => {
    assert.deepEqual(
      authDifference([fullAuthChain(['new'], authEventsOf), fullAuthChain(['apart'], authEventsOf)]),
      new Set(['new', 'between', 'old', 'apart']),
    );
  });

  it('has no event that every state holds, though only one of them refers to it', () => {
    assert.deepEqual(
      authDifference([fullAuthChain(['old', 'apart'], authEventsOf), fullAuthChain(['old', 'new'], authEventsOf)]),
      new Set(['apart', 'new', 'between']),
    );
  });
});

describe('conflicted state subgraph', () => {
  it('is all between two conflicted events, with both', () => {
    const subgraph = chains.conflictedStateSubgraph(new Set(['new', 'old']));
    assert.deepEqual(subgraph, new Set(['old', 'between', 'new']));
  });

  it('leaves out what leads to no conflicted event', () => {
    assert.deepEqual(chains.conflictedStateSubgraph(new Set(['new', 'apart'])), new Set(['new', 'apart']));
  });

  it('follows auth chains of any length', () => {
    const long = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, i) => [`event${i}`, { auth: i === 0 ? [] : [`event${i - 1}`] }]),
    );
    const ends = new Set(['event1', 'event49999']);
    assert.equal(new WalkedAuthChains(graphEvents(long)).conflictedStateSubgraph(ends).size, 49_999);
  });
});

describe('full conflicted set', () => {
  const stateSets = [state({ a: 'old', b: 'new' }), state({ a: 'new', b: 'new' })];
  const conflicted = new Set(['old', 'new']);

  it('has the conflicted state subgraph from v2.1 on', () => {
    assert.deepEqual(
      fullConflictedSet(rulesOf('12'), conflicted, stateSets, chains),
      new Set(['old', 'new', 'between']),
    );
    assert.deepEqual(fullConflictedSet(rulesOf('11'), conflicted, stateSets, chains), new Set(['old', 'new']));
  });

  it('has the auth difference from v2 on', () => {
    const apart = [state({ a: 'old' }), state({ a: 'new' })];
    assert.deepEqual(fullConflictedSet(rulesOf('11'), conflicted, apart, chains), new Set(['old', 'new', 'between']));
    assert.deepEqual(fullConflictedSet(rulesOf('1'), conflicted, apart, chains), conflicted);
  });
});
