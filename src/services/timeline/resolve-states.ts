/**
 * What the state is where branches of a room's history meet.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#state-resolution
 */
import { authEventKeys } from '../../protocol/authorization/auth-event-keys.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { conflictedStateSubgraph } from '../../protocol/state-resolution/conflicted-state-subgraph.ts';
import { authEventIds } from '../../protocol/state-resolution/event-lookup.ts';
import { fullAuthChain } from '../../protocol/state-resolution/full-auth-chain.ts';
import { Gathering } from '../../protocol/state-resolution/gathering.ts';
import { resolveConflicts } from '../../protocol/state-resolution/resolve.ts';
import { stateMapKey, stateMapKeyOf } from '../../protocol/state-resolution/state-map.ts';
import type { LayerStack } from './layer-cache.ts';
import type { Room } from './room.ts';
import type { RoomEvents } from './room-events.ts';
import { differingKeys, EMPTIED, entriesOf, lookUp } from './state-layers.ts';
import type { StoredEvent } from './stored-event.ts';

/** What the resolved state has other than the first of the states that it was made of. */
export interface Resolved {
  /** Key numbers, or where a key has none yet, its event: it has to be numbered. */
  readonly changes: ReadonlyMap<number, number>;
  /** Events under keys that no state of this room has had before. */
  readonly unnumbered: readonly StoredEvent[];
}

const UNCHANGED: Resolved = { changes: new Map(), unnumbered: [] };

/** Resolves states; reads the events that this takes, and writes nothing. */
export async function resolveStates(room: Room, events: RoomEvents, stacks: readonly LayerStack[]): Promise<Resolved> {
  const [first] = stacks;
  const differing = differingKeys(stacks);
  if (!first || differing.size === 0) return UNCHANGED;
  const { values, agreed } = split(room, stacks, differing);
  const conflicted = await events.withNids([...values.flat().filter((nid) => nid !== undefined), ...agreed]);
  const ids = new Set(values.flat().flatMap((nid) => (nid === undefined ? [] : [conflicted.get(nid)!.eventId])));
  const conflict = new ConflictReader(room, events, stacks, differing, ids);
  const result = await conflict.resolve(stacks.map((_, i) => idsOf(values, i, conflicted)));
  for (const nid of agreed) result.push(conflicted.get(nid)!);
  return changesTo(first, differing, result, room);
}

/** In state resolution v1 a state that lacks an entry agrees with those that have it. */
function split(room: Room, stacks: readonly LayerStack[], differing: ReadonlySet<number>) {
  const values: (number | undefined)[][] = [];
  const agreed: number[] = [];
  for (const key of differing) {
    const ofKey = stacks.map((stack) => lookUp(stack, key));
    const present = new Set(ofKey.filter((nid) => nid !== undefined));
    if (room.rules.stateResolution === 'v1' && present.size === 1) {
      agreed.push(...present);
    } else {
      values.push(ofKey);
    }
  }
  return { values, agreed };
}

function idsOf(
  values: readonly (readonly (number | undefined)[])[],
  state: number,
  events: ReadonlyMap<number, StoredEvent>,
): string[] {
  return values.flatMap((ofKey) => {
    const nid = ofKey[state];
    return nid === undefined ? [] : [events.get(nid)!.eventId];
  });
}

function changesTo(first: LayerStack, keys: ReadonlySet<number>, result: readonly StoredEvent[], room: Room): Resolved {
  const changes = new Map<number, number>();
  const unnumbered: StoredEvent[] = [];
  const set = new Map<number, number>();
  for (const event of result) {
    const keyNid = room.keyNid(event.type, event.stateKey!);
    if (keyNid === undefined) unnumbered.push(event);
    else set.set(keyNid, event.nid);
  }
  for (const key of new Set([...keys, ...set.keys()])) {
    const before = lookUp(first, key);
    const after = set.get(key);
    if (before !== after) changes.set(key, after ?? EMPTIED);
  }
  return { changes, unnumbered };
}

/** One conflict, and the events that are read to resolve it. */
class ConflictReader {
  private readonly rules: RoomVersionRules;
  /** Of every event whose auth chain was followed: what it names. */
  private readonly authEvents = new Map<string, readonly string[]>();

  constructor(
    private readonly room: Room,
    private readonly events: RoomEvents,
    private readonly stacks: readonly LayerStack[],
    private readonly keys: ReadonlySet<number>,
    private readonly conflicted: ReadonlySet<string>,
  ) {
    this.rules = room.rules;
  }

  /** @param conflictedOf the conflicted events of each state */
  async resolve(conflictedOf: readonly (readonly string[])[]): Promise<StoredEvent[]> {
    const full = new Set(this.conflicted);
    if (this.rules.stateResolution !== 'v1') {
      for (const eventId of await this.authDifference(conflictedOf)) full.add(eventId);
    }
    if (this.rules.stateResolution === 'v2.1') {
      for (const id of conflictedStateSubgraph(this.conflicted, this.authEventsOf)) full.add(id);
    }
    const unconflicted = await this.unconflictedAround(full);
    const conflict = { unconflicted, fullConflictedSet: full };
    const gathering = new Gathering(this.rules, conflict);
    while (gathering.missing.size > 0) {
      for (const event of await this.load(gathering.missing)) gathering.add(event);
    }
    const winners = resolveConflicts(this.rules, conflict, gathering);
    return this.load(winners.values());
  }

  private readonly authEventsOf = (eventId: string): readonly string[] => this.authEvents.get(eventId) ?? [];

  private async load(eventIds: Iterable<string>): Promise<StoredEvent[]> {
    const wanted = new Set(eventIds);
    const found = await this.events.withIds(wanted);
    for (const id of wanted) if (!found.has(id)) throw new Error(`${id} of ${this.room.id} is not stored`);
    return [...found.values()];
  }

  /** Follows `auth_events` from these events as far as they go. */
  private async follow(eventIds: Iterable<string>): Promise<void> {
    let next = [...eventIds].filter((id) => !this.authEvents.has(id));
    while (next.length > 0) {
      const found = await this.events.withIds(next);
      const named = new Set<string>();
      for (const id of next) {
        const event = found.get(id);
        const auth = event ? authEventIds(event.pdu) : [];
        this.authEvents.set(id, auth);
        for (const one of auth) if (!this.authEvents.has(one)) named.add(one);
      }
      next = [...named];
    }
  }

  /**
   * The auth difference. What all states have in common reaches nothing that is in it, so that it matters only where the
   * conflicted events alone do not reach the same.
   */
  private async authDifference(conflictedOf: readonly (readonly string[])[]): Promise<string[]> {
    await this.follow(this.conflicted);
    const chains = conflictedOf.map((ids) => fullAuthChain(ids, this.authEventsOf));
    const candidates = new Set<string>();
    for (const chain of chains) {
      for (const id of chain) if (!chains.every((other) => other.has(id))) candidates.add(id);
    }
    const unsettled = [...candidates].filter((id) => !this.conflicted.has(id));
    if (unsettled.length === 0) return [];
    // Mostly the power levels and join rules of today, or what they replaced: a look at few events tells.
    const left = await this.notReachedFrom(await this.nearNids(unsettled), unsettled);
    return left.length === 0 ? left : this.notReachedFrom(this.sharedNids(), left);
  }

  /** Those of `ids` that are not in the full auth chain of the events with these numbers. */
  private async notReachedFrom(nids: Iterable<number>, ids: readonly string[]): Promise<string[]> {
    const from = await this.events.withNids(nids);
    const fromIds = [...from.values()].map(({ eventId }) => eventId);
    await this.follow(fromIds);
    const reached = fullAuthChain(fromIds, this.authEventsOf);
    return ids.filter((id) => !reached.has(id));
  }

  /** What the states have in common under the keys of these events, and of those that allow most others. */
  private async nearNids(ids: readonly string[]): Promise<number[]> {
    const keys = new Map<string, readonly [string, string]>();
    const take = (type: string, stateKey: string) => keys.set(stateMapKey(type, stateKey), [type, stateKey]);
    take('m.room.power_levels', '');
    take('m.room.join_rules', '');
    for (const { type, stateKey } of await this.load(ids)) take(type, stateKey ?? '');
    return [...keys.values()].flatMap(([type, stateKey]) => {
      const keyNid = this.room.keyNid(type, stateKey);
      const nid = keyNid === undefined || this.keys.has(keyNid) ? undefined : lookUp(this.stacks[0]!, keyNid);
      return nid === undefined ? [] : [nid];
    });
  }

  private *sharedNids(): IterableIterator<number> {
    for (const [key, nid] of entriesOf(this.stacks[0]!)) if (!this.keys.has(key)) yield nid;
  }

  /** As much of the unconflicted state map as resolution can read: what the events set, and what they are judged by. */
  private async unconflictedAround(full: ReadonlySet<string>): Promise<Map<string, string>> {
    const read = new Map<string, readonly [string, string]>();
    const want = (type: string, stateKey: string) => read.set(stateMapKey(type, stateKey), [type, stateKey]);
    want('m.room.create', '');
    want('m.room.power_levels', '');
    for (const { pdu } of await this.load(full)) {
      read.set(stateMapKeyOf(pdu), [pdu.type, pdu.state_key ?? '']);
      for (const key of authEventKeys(this.rules, pdu)) want(...key);
    }
    const nids = new Map<string, number>();
    for (const [name, [type, stateKey]] of read) {
      const keyNid = this.room.keyNid(type, stateKey);
      if (keyNid === undefined || this.keys.has(keyNid)) continue;
      const nid = lookUp(this.stacks[0]!, keyNid);
      if (nid !== undefined) nids.set(name, nid);
    }
    const found = await this.events.withNids(nids.values());
    return new Map([...nids].map(([name, nid]) => [name, found.get(nid)!.eventId]));
  }
}
