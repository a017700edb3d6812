import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { AuthChains } from '../../../src/protocol/state-resolution/auth-chains.ts';
import { fullConflictedSet } from '../../../src/protocol/state-resolution/full-conflicted-set.ts';
import { resolve } from '../../../src/protocol/state-resolution/resolve.ts';
import { splitConflicted } from '../../../src/protocol/state-resolution/split-conflicted.ts';
import { type StateMap, stateMapKey } from '../../../src/protocol/state-resolution/state-map.ts';
import { gatherAndResolve } from './gather.ts';
import { type HistoryEvent, RoomHistory } from './room-history.ts';

const CREATOR = '@creator:a.test';
const USERS = ['@alice:a.test', '@bob:b.test', '@carol:c.test', '@dave:d.test'];
const JOIN_RULES = ['public', 'invite'];
const RUNS = { numRuns: 200, seed: 4297 };

/** One thing that somebody tries, on top of one or two of the events before. Most attempts are allowed by the rules. */
interface Attempt {
  readonly sender: number;
  readonly what: 'join' | 'leave' | 'kick' | 'ban' | 'invite' | 'levels' | 'joinRule' | 'topic' | 'message';
  readonly target: number;
  readonly value: number;
  /** How many events back the event before is: 0 for the newest. */
  readonly after: readonly number[];
  readonly ts: number;
}

const attempts = fc.array(
  fc.record<Attempt>({
    sender: fc.nat(USERS.length),
    what: fc.constantFrom('join', 'leave', 'kick', 'ban', 'invite', 'levels', 'joinRule', 'topic', 'message'),
    target: fc.nat(USERS.length - 1),
    value: fc.nat(3),
    after: fc.oneof(fc.tuple(fc.nat(6)), fc.tuple(fc.nat(6), fc.nat(6))),
    ts: fc.nat(20),
  }),
  { minLength: 5, maxLength: 40 },
);

function content({ what, target, value }: Attempt): Pick<HistoryEvent, 'type' | 'content'> & { stateKey?: string } {
  const member = (membership: string) => ({
    type: 'm.room.member',
    stateKey: USERS[target] as string,
    content: { membership, displayname: String(value) },
  });
  switch (what) {
    case 'join':
    case 'leave':
    case 'ban':
    case 'invite':
      return member(what);
    case 'kick':
      return member('leave');
    case 'levels': {
      const users: JsonObject = { [CREATOR]: 100, [USERS[0] as string]: 100, [USERS[target] as string]: value * 30 };
      return { type: 'm.room.power_levels', stateKey: '', content: { users } };
    }
    case 'joinRule':
      return { type: 'm.room.join_rules', stateKey: '', content: { join_rule: JOIN_RULES[value % 2] as string } };
    case 'topic':
      return { type: 'm.room.topic', stateKey: '', content: { topic: String(value) } };
    case 'message':
      return { type: 'm.room.message', content: { body: String(value) } };
  }
}

/** A room in which the attempts were made that the rules allow. */
function roomOf(version: string, made: readonly Attempt[]): RoomHistory {
  const room = new RoomHistory(version);
  const users = { [CREATOR]: 100, [USERS[0] as string]: 100, [USERS[1] as string]: 50 };
  const join = (id: string, sender: string): HistoryEvent => {
    return { id, sender, type: 'm.room.member', stateKey: sender, content: { membership: 'join' } };
  };
  room.addIfAllowed({ id: 'create', sender: CREATOR, type: 'm.room.create', stateKey: '', content: {} });
  room.addIfAllowed(join('creator-joins', CREATOR));
  room.addIfAllowed({
    id: 'levels',
    sender: CREATOR,
    type: 'm.room.power_levels',
    stateKey: '',
    content: { users },
  });
  const joinRules = { type: 'm.room.join_rules', stateKey: '', content: { join_rule: 'public' } };
  room.addIfAllowed({ id: 'public', sender: CREATOR, ...joinRules });
  for (const [i, user] of USERS.slice(0, 3).entries()) room.addIfAllowed(join(`user-${i}-joins`, user));
  for (const [i, attempt] of made.entries()) {
    const { names } = room;
    const recent = names.slice(4);
    const after = [...new Set(attempt.after.map((back) => recent.at(-1 - (back % recent.length)) as string))];
    const isOwn = attempt.what === 'join' || attempt.what === 'leave';
    const sender = (isOwn ? USERS[attempt.target] : [...USERS, CREATOR][attempt.sender]) as string;
    room.addIfAllowed({ id: `event-${i}`, sender, after, ts: 1000 * attempt.ts, ...content(attempt) });
  }
  return room;
}

function statesAtTips(room: RoomHistory): StateMap[] {
  return room.tips.map((tip) => room.stateAfter(tip));
}

function resolved(room: RoomHistory, stateSets: readonly StateMap[], authChains: AuthChains = room.cover): StateMap {
  return resolve({ rules: room.rules, stateSets, authChains, events: room.events });
}

function sorted(ids: Iterable<string>): string[] {
  return [...ids].sort();
}

for (const [algorithm, version] of [
  ['v1', '1'],
  ['v2', '2'],
  ['v2', '11'],
  ['v2.1', '12'],
] as const) {
  describe(`state resolution ${algorithm} in room version ${version}, in rooms made at random`, function () {
    this.timeout(30_000);
    const rooms = attempts.map((made) => roomOf(version, made));
    const holds = (property: (room: RoomHistory) => void) => fc.assert(fc.property(rooms, property), RUNS);

    it('does not depend on the order of the states, nor on that of their entries', () => {
      holds((room) => {
        const stateSets = statesAtTips(room);
        const turned = stateSets.map((state) => new Map([...state].reverse()));
        assert.deepEqual(resolved(room, turned.reverse()), resolved(room, stateSets));
        assert.deepEqual(resolved(room, [...stateSets.slice(1), ...stateSets.slice(0, 1)]), resolved(room, stateSets));
      });
    });

    it('resolves equal states to the same state, and one state to itself', () => {
      holds((room) => {
        for (const state of statesAtTips(room)) {
          assert.deepEqual(resolved(room, [state]), new Map(state));
          assert.deepEqual(resolved(room, [state, new Map(state)]), new Map(state));
        }
      });
    });

    it('does not change when a state is there twice', () => {
      holds((room) => {
        const stateSets = statesAtTips(room);
        assert.deepEqual(resolved(room, [...stateSets, ...stateSets]), resolved(room, stateSets));
      });
    });

    it('keeps what all states agree on, and takes nothing that none of them can know', () => {
      holds((room) => {
        const stateSets = statesAtTips(room);
        const { unconflicted, conflicted } = splitConflicted(room.rules, stateSets);
        const full = fullConflictedSet(room.rules, conflicted, stateSets, room.cover);
        const result = resolved(room, stateSets);
        for (const [key, eventId] of unconflicted) assert.equal(result.get(key), eventId);
        for (const [key, eventId] of result) assert.ok(unconflicted.get(key) === eventId || full.has(eventId));
        assert.ok(result.has(stateMapKey('m.room.create', '')));
      });
    });

    it('finds by chain cover the full conflicted set that walking finds', () => {
      holds((room) => {
        const stateSets = statesAtTips(room);
        const { conflicted } = splitConflicted(room.rules, stateSets);
        const sets = [room.cover, room.authChains].map((chains) =>
          sorted(fullConflictedSet(room.rules, conflicted, stateSets, chains)),
        );
        assert.deepEqual(sets[0], sets[1]);
      });
    });

    it('reads no event that gathering does not ask for', () => {
      holds((room) => {
        const stateSets = statesAtTips(room);
        const { resolved: gathered } = gatherAndResolve(room.rules, stateSets, room.cover, room.events);
        assert.deepEqual(gathered, resolved(room, stateSets));
      });
    });
  });
}

describe('chain covers of rooms made at random', function () {
  this.timeout(30_000);
  it('agree with walking on any states and on any events, not only on those where branches end', () => {
    const picks = fc.array(fc.array(fc.nat(60), { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(attempts, picks, (made, picked) => {
        const room = roomOf('11', made);
        const ids = [...room.events.values()].filter(({ pdu }) => pdu.state_key !== undefined).map((e) => e.eventId);
        const sets = picked.map((set) => new Set(set.map((i) => ids[i % ids.length] as string)));
        assert.deepEqual(sorted(room.cover.authDifference(sets)), sorted(room.authChains.authDifference(sets)));
        for (const set of sets) {
          assert.deepEqual(
            sorted(room.cover.conflictedStateSubgraph(set)),
            sorted(room.authChains.conflictedStateSubgraph(set)),
          );
        }
      }),
      RUNS,
    );
  });
});
