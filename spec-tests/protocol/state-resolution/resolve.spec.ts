import assert from 'node:assert/strict';
import { resolve } from '../../../src/protocol/state-resolution/resolve.ts';
import { type StateMap, stateMapKey, stateMapKeyOf } from '../../../src/protocol/state-resolution/state-map.ts';
import membership from '../../fixtures/state-resolution/membership.json' with { type: 'json' };
import ordering from '../../fixtures/state-resolution/ordering.json' with { type: 'json' };
import power from '../../fixtures/state-resolution/power.json' with { type: 'json' };
import stateResets from '../../fixtures/state-resolution/state-resets.json' with { type: 'json' };
import { gatherAndResolve } from './gather.ts';
import { type HistoryEvent, RoomHistory } from './room-history.ts';

type Algorithm = 'v1' | 'v2' | 'v2.1';

/** A room history and the state that it comes to. */
interface History {
  readonly title: string;
  readonly events: readonly HistoryEvent[];
  /** A state after `at` as a mistaken server tells it: with these events in place of newer ones. */
  readonly outdated?: { readonly at: string; readonly events: readonly string[] };
  /** For each algorithm, state entries (`type stateKey`) and the names of the events that hold them; null for none. */
  readonly expect: Readonly<Partial<Record<Algorithm, Readonly<Record<string, string | null>>>>>;
}

interface Histories {
  readonly prelude: readonly HistoryEvent[];
  readonly histories: readonly History[];
}

const ROOM_VERSIONS: Readonly<Record<Algorithm, readonly string[]>> = {
  v1: ['1'],
  v2: ['2', '6', '10', '11'],
  'v2.1': ['12'],
};

function build(version: string, prelude: readonly HistoryEvent[], { events }: History): RoomHistory {
  const room = new RoomHistory(version);
  for (const event of prelude) assert.ok(room.addIfAllowed(event), `${event.id} is allowed`);
  for (const event of events) assert.ok(room.addIfAllowed(event), `${event.id} is allowed`);
  return room;
}

function statesOf(room: RoomHistory, { outdated }: History): StateMap[] {
  return room.tips.map((tip) => {
    const state = new Map(room.stateAfter(tip));
    if (outdated?.at !== tip) return state;
    for (const name of outdated.events) state.set(stateMapKeyOf(room.event(name).pdu), room.eventId(name));
    return state;
  });
}

function entryKey(entry: string): string {
  const [type = '', stateKey = ''] = entry.split(' ');
  return stateMapKey(type, stateKey);
}

/** Resolves in every way that there is, which all have to agree. */
function resolveEachWay(room: RoomHistory, stateSets: readonly StateMap[]): StateMap {
  const { rules, events } = room;
  const resolved = resolve({ rules, stateSets, authChains: room.authChains, events });
  const backwards = stateSets.map((state) => new Map([...state].reverse())).reverse();
  assert.deepEqual(resolve({ rules, stateSets: backwards, authChains: room.cover, events }), resolved);
  assert.deepEqual(gatherAndResolve(rules, stateSets, room.cover, events).resolved, resolved);
  return resolved;
}

function suite(title: string, { prelude, histories }: Histories): void {
  describe(`state resolution: ${title}`, () => {
    for (const history of histories) {
      for (const [algorithm, expected] of Object.entries(history.expect)) {
        it(`${algorithm}: ${history.title}`, () => {
          for (const version of ROOM_VERSIONS[algorithm as Algorithm]) {
            const room = build(version, prelude, history);
            assert.equal(room.rules.stateResolution, algorithm);
            const resolved = resolveEachWay(room, statesOf(room, history));
            const found = Object.keys(expected).map((entry) => [entry, room.nameOf(resolved.get(entryKey(entry)))]);
            assert.deepEqual(Object.fromEntries(found), expected, `room version ${version}`);
          }
        });
      }
    }
  });
}

suite('power', power as Histories);
suite('membership', membership as Histories);
suite('ordering', ordering as Histories);
suite('state resets', stateResets as Histories);
