import assert from 'node:assert/strict';
import { mainlineOrdering } from '../../../src/protocol/state-resolution/mainline-ordering.ts';
import { isPowerEvent, powerEventsAndTheirAuth } from '../../../src/protocol/state-resolution/power-events.ts';
import { reverseTopologicalPowerOrdering } from '../../../src/protocol/state-resolution/reverse-topological-power-ordering.ts';
import { rulesOf } from '../authorization/room-state.ts';
import { type GraphEvent, graphEvents } from './graph-events.ts';

const ALICE = '@alice:a.test';
const BOB = '@bob:b.test';
const CREATE: GraphEvent = {
  type: 'm.room.create',
  content: { creator: '@creator:a.test' },
  sender: '@creator:a.test',
};
const powerLevels = (auth: string[], users = {}): GraphEvent => ({
  type: 'm.room.power_levels',
  content: { users },
  auth,
});
const member = (sender: string, stateKey: string, membership: string): GraphEvent => {
  return { type: 'm.room.member', sender, stateKey, content: { membership } };
};

describe('power events', () => {
  const cases: [string, GraphEvent, boolean][] = [
    ['power levels', powerLevels([]), true],
    ['join rules', { type: 'm.room.join_rules' }, true],
    ['a kick', member(ALICE, BOB, 'leave'), true],
    ['a ban', member(ALICE, BOB, 'ban'), true],
    ['leaving', member(BOB, BOB, 'leave'), false],
    ['joining', member(BOB, BOB, 'join'), false],
    ['an invitation', member(ALICE, BOB, 'invite'), false],
    ['a topic', { type: 'm.room.topic' }, false],
    ['power levels under another state key, which bind nobody', { type: 'm.room.power_levels', stateKey: 'x' }, false],
    [
      'a membership that is not text',
      { type: 'm.room.member', stateKey: BOB, content: { membership: ['ban'] } },
      false,
    ],
  ];
  for (const [what, event, expected] of cases) {
    it(`${expected ? 'are' : 'are not'} ${what}`, () => {
      const made = graphEvents({ event }).get('event');
      assert.ok(made);
      assert.equal(isPowerEvent(made.pdu), expected);
    });
  }

  it('bring those of their auth events that are in conflict', () => {
    const events = graphEvents({
      join: member(ALICE, ALICE, 'join'),
      settled: { ...member(ALICE, ALICE, 'join'), auth: ['join'] },
      name: { ...member(ALICE, ALICE, 'join'), auth: ['join'] },
      ban: { ...member(ALICE, BOB, 'ban'), auth: ['name', 'settled'] },
      topic: { auth: ['name'] },
    });
    const full = new Set(['join', 'name', 'ban', 'topic']);
    assert.deepEqual(powerEventsAndTheirAuth(full, events), new Set(['ban', 'name', 'join']));
  });
});

describe('reverse topological power ordering', () => {
  const sort = (graph: Record<string, GraphEvent>, ids: string[], version = '11') =>
    reverseTopologicalPowerOrdering(rulesOf(version), new Set(ids), graphEvents(graph, '!create'));

  it('puts auth events first, then greater power, then the older, then the lesser id', () => {
    const auth = ['create', 'levels'];
    const graph = {
      create: CREATE,
      levels: powerLevels(['create'], { [ALICE]: 100, [BOB]: 50 }),
      first: { auth, sender: BOB, ts: 9 },
      afterFirst: { auth: [...auth, 'first'], sender: ALICE, ts: 0 },
      older: { auth, sender: ALICE, ts: 1 },
      newerB: { auth, sender: ALICE, ts: 2 },
      newerA: { auth, sender: ALICE, ts: 2 },
    };
    const expected = ['older', 'newerA', 'newerB', 'first', 'afterFirst'];
    assert.deepEqual(sort(graph, expected.toReversed()), expected);
    assert.deepEqual(sort(graph, expected), expected);
  });

  it('looks at the power levels that each event was made with', () => {
    const graph = {
      create: CREATE,
      before: powerLevels(['create'], { [ALICE]: 100 }),
      since: powerLevels(['create', 'before'], { [BOB]: 200 }),
      bobs: { auth: ['create', 'since'], sender: BOB, ts: 9 },
      alices: { auth: ['create', 'before'], ts: 1 },
    };
    assert.deepEqual(sort(graph, ['alices', 'bobs']), ['bobs', 'alices']);
  });

  it('gives the creator 100 where there are no power levels, and infinite power in room version 12', () => {
    const graph = {
      $create: CREATE,
      levels: powerLevels([], { [ALICE]: 1_000_000 }),
      alices: { auth: ['levels'], ts: 1 },
      creators: { auth: ['levels'], sender: '@creator:a.test', ts: 9 },
      other: { auth: ['levels'], sender: '@creator:a.test', ts: 10 },
    };
    assert.deepEqual(sort(graph, ['alices', 'other', 'creators'], '12'), ['creators', 'other', 'alices']);
    const early = {
      create: CREATE,
      bobs: { auth: ['create'], sender: BOB, ts: 1 },
      creators: { auth: ['create'], sender: '@creator:a.test', ts: 9 },
    };
    assert.deepEqual(sort(early, ['bobs', 'creators']), ['creators', 'bobs']);
  });

  it('reads pairs of id and hashes as room versions 1 and 2 have them', () => {
    const events = graphEvents({ a: { ts: 9 }, b: { auth: ['a'], ts: 1 } });
    const b = events.get('b');
    assert.ok(b);
    const pairs: unknown = [['a', { sha256: '' }]];
    b.pdu.auth_events = pairs as string[];
    assert.deepEqual(reverseTopologicalPowerOrdering(rulesOf('2'), new Set(['b', 'a']), events), ['a', 'b']);
  });
});

describe('mainline ordering', () => {
  const graph = {
    levels1: powerLevels([]),
    levels2: powerLevels(['levels1']),
    levels3: powerLevels(['levels2']),
    aside: powerLevels(['levels1']),
    lost: powerLevels([]),
    onNone: { ts: 50 },
    onLost: { auth: ['lost'], ts: 60 },
    on1: { auth: ['levels1'], ts: 40 },
    onAside: { auth: ['aside'], ts: 41 },
    on2: { auth: ['levels2'], ts: 30 },
    on3: { auth: ['levels3'], ts: 20 },
    on3too: { auth: ['levels3'], ts: 20 },
  };
  const events = graphEvents(graph);

  it('goes from events on older power levels to those on newer, then by time, then by id', () => {
    const expected = ['onNone', 'onLost', 'on1', 'onAside', 'on2', 'on3', 'on3too'];
    assert.deepEqual(mainlineOrdering('levels3', expected.toReversed(), events), expected);
  });

  it('places power levels by those before them, not by themselves', () => {
    assert.deepEqual(mainlineOrdering('levels3', ['levels3', 'on2', 'on1'], events), ['on1', 'levels3', 'on2']);
  });

  it('goes by time alone where there are no power levels', () => {
    assert.deepEqual(mainlineOrdering(undefined, ['on1', 'on2', 'on3'], events), ['on3', 'on2', 'on1']);
  });

  it('comes to an end where a server made power levels that name each other', () => {
    const ring = graphEvents({
      one: powerLevels(['two']),
      two: powerLevels(['one']),
      three: powerLevels(['four']),
      four: powerLevels(['three']),
      onThree: { auth: ['three'], ts: 2 },
      onOne: { auth: ['one'], ts: 1 },
    });
    assert.deepEqual(mainlineOrdering('one', ['onOne', 'onThree'], ring), ['onThree', 'onOne']);
  });
});
