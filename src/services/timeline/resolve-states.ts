/**
 * What the state is where branches of a room's history meet.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#state-resolution
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { LayerStack } from './layer-cache.ts';
import type { Conflict } from './resolution/conflict.ts';
import type { LargeResolutions, ResolutionRequest } from './resolution/large-resolutions.ts';
import { resolveConflict } from './resolution/resolve-conflict.ts';
import { TooLongChains, WalkedChains } from './resolution/walked-chains.ts';
import type { Room } from './room.ts';
import type { RoomEvents } from './room-events.ts';
import { differingKeys, EMPTIED, entriesOf, lookUp } from './state-layers.ts';

/** What the resolved state has other than the first of the states that it was made of. */
export interface Resolved {
  /** Key numbers, or where a key has none yet, its event: it has to be numbered. */
  readonly changes: ReadonlyMap<number, number>;
  /** Events under keys that no state of this room has had before. */
  readonly unnumbered: readonly UnnumberedEvent[];
}

export interface UnnumberedEvent {
  readonly nid: number;
  readonly type: string;
  readonly stateKey: string;
}

/** The same, beside what the states agree on. */
interface Winners {
  readonly numbered: ReadonlyMap<number, number>;
  readonly unnumbered: readonly UnnumberedEvent[];
}

/** States that do not agree, key by key. */
interface Disagreement {
  readonly first: LayerStack;
  readonly differing: ReadonlySet<number>;
  /** For each state, its events under the keys that are in conflict. */
  readonly stateSets: readonly (readonly number[])[];
  /** Under keys that some of the states lack, where that is no conflict. */
  readonly agreed: ReadonlyMap<number, number>;
}

const UNCHANGED: Resolved = { changes: new Map(), unnumbered: [] };

/**
 * Resolves states: a small conflict here, a large one in a thread of its own, which may have something to be stored with
 * what is decided.
 */
export async function resolveStates(
  large: LargeResolutions,
  set: WriteSet,
  room: Room,
  events: RoomEvents,
  stacks: readonly LayerStack[],
): Promise<Resolved> {
  const [first] = stacks;
  const differing = await differingKeys(stacks);
  if (!first || differing.size === 0) return UNCHANGED;
  const states = await disagreement(room, first, stacks, differing);
  const winners =
    (await resolvedHere(large.inlineEvents, room, events, states)) ??
    (await resolvedElsewhere(large, set, room, events, states));
  const resolved = new Map([...states.agreed, ...winners.numbered]);
  const changes = new Map<number, number>();
  if (resolved.size > KEYS_AT_ONCE) await nextTurn();
  for (const key of new Set([...differing, ...resolved.keys()])) {
    const after = resolved.get(key);
    if (lookUp(first, key) !== after) changes.set(key, after ?? EMPTIED);
  }
  return { changes, unnumbered: winners.unnumbered };
}

/** Keys that are looked at in a row: then others have their turn. */
const KEYS_AT_ONCE = 2_000;

/** In state resolution v1 a state that lacks an entry agrees with those that have it. */
async function disagreement(
  room: Room,
  first: LayerStack,
  stacks: readonly LayerStack[],
  differing: ReadonlySet<number>,
): Promise<Disagreement> {
  const stateSets: number[][] = stacks.map(() => []);
  const agreed = new Map<number, number>();
  let looked = 0;
  for (const key of differing) {
    looked += 1;
    if (looked % KEYS_AT_ONCE === 0) await nextTurn();
    const ofKey = stacks.map((stack) => lookUp(stack, key));
    const [one, ...others] = new Set(ofKey.filter((nid) => nid !== undefined));
    if (room.rules.stateResolution === 'v1' && one !== undefined && others.length === 0) agreed.set(key, one);
    else for (const [i, nid] of ofKey.entries()) if (nid !== undefined) stateSets[i]!.push(nid);
  }
  return { first, differing, stateSets, agreed };
}

/** Undefined if that takes a look at too many events. */
async function resolvedHere(
  inlineEvents: number,
  room: Room,
  events: RoomEvents,
  { first, differing, stateSets, agreed }: Disagreement,
): Promise<Winners | undefined> {
  if (new Set(stateSets.flat()).size > inlineEvents) return undefined;
  const agreedOn = (type: string, stateKey: string) => {
    const key = room.keyNid(type, stateKey);
    if (key === undefined) return undefined;
    return agreed.get(key) ?? (differing.has(key) ? undefined : lookUp(first, key));
  };
  const conflict: Conflict = { rules: room.rules, stateSets, agreedOn, events };
  const shared = () => [...sharedEntries(first, differing)].map(([, nid]) => nid);
  try {
    const winners = await resolveConflict(conflict, new WalkedChains(conflict, shared, inlineEvents));
    const numbered = new Map<number, number>();
    const unnumbered: UnnumberedEvent[] = [];
    for (const { nid, pdu } of winners) {
      const key = room.keyNid(pdu.type, pdu.state_key!);
      if (key === undefined) unnumbered.push({ nid, type: pdu.type, stateKey: pdu.state_key! });
      else numbered.set(key, nid);
    }
    return { numbered, unnumbered };
  } catch (error) {
    if (error instanceof TooLongChains) return undefined;
    throw error;
  }
}

async function resolvedElsewhere(
  large: LargeResolutions,
  set: WriteSet,
  room: Room,
  events: RoomEvents,
  { first, differing, stateSets, agreed }: Disagreement,
): Promise<Winners> {
  const agreedOn = flat([...sharedEntries(first, differing), ...agreed]);
  if (agreedOn.length > KEYS_AT_ONCE) await nextTurn();
  const request: ResolutionRequest = {
    room: { nid: room.nid, id: room.id, version: room.version },
    stateSets: stateSets.map((nids) => Float64Array.from(nids)),
    agreed: agreedOn,
    events: events.added.map(({ nid, eventId, json, rejected }) => ({ nid, eventId, json, rejected })),
    keys: room.decided.newStateKeys,
  };
  const { resolved, unnumbered, cover } = await large.resolve(request);
  if (cover) set.add('auth_chain_covers.put', { room_nid: room.nid, ...cover });
  const numbered = new Map<number, number>();
  for (let i = 0; i < resolved.length; i += 2) numbered.set(resolved[i]!, resolved[i + 1]!);
  return { numbered, unnumbered };
}

function* sharedEntries(first: LayerStack, differing: ReadonlySet<number>): IterableIterator<[number, number]> {
  for (const entry of entriesOf(first)) if (!differing.has(entry[0])) yield entry;
}

function flat(entries: readonly (readonly [number, number])[]): Float64Array {
  const numbers = new Float64Array(entries.length * 2);
  for (const [i, [key, event]] of entries.entries()) {
    numbers[2 * i] = key;
    numbers[2 * i + 1] = event;
  }
  return numbers;
}
