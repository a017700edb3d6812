import { authEventKeys, type StateKey } from '../../protocol/authorization/auth-event-keys.ts';
import type { Pdu, StateView } from '../../protocol/events/pdu.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { LayerCache, LayerStack } from './layer-cache.ts';
import { addToLayers, type LayerWriteDependencies, numberOfKey } from './layer-writes.ts';
import { resolveStates } from './resolve-states.ts';
import type { Room } from './room.ts';
import type { RoomEvents } from './room-events.ts';
import { stateKeyOf } from './state-key.ts';
import { differingKeys, EMPTIED, lookUp } from './state-layers.ts';
import type { StoredEvent } from './stored-event.ts';

const NO_STATE: LayerStack = [];

/** The states whose topmost layers these are, each once. */
export function stacksOf(layers: LayerCache, tops: Iterable<number | undefined>): Promise<LayerStack[]> {
  const distinct = [...new Set(tops)];
  return Promise.all(distinct.map((nid) => (nid === undefined ? NO_STATE : layers.stack(nid))));
}

/**
 * What states resolve to. The layer that this takes is added to the write set, unless the result is one of the states.
 */
export async function resolvedStack(
  d: LayerWriteDependencies,
  set: WriteSet,
  room: Room,
  events: RoomEvents,
  stacks: readonly LayerStack[],
): Promise<LayerStack> {
  if (stacks.length < 2) return stacks[0] ?? NO_STATE;
  const { changes, unnumbered } = await resolveStates(d.resolutions, set, room, events, stacks);
  const numbered = new Map(changes);
  for (const event of unnumbered) {
    numbered.set(numberOfKey(set, room, event.type, event.stateKey), event.nid);
  }
  for (const stack of stacks) if (await isState(stack, stacks[0]!, numbered)) return stack;
  return addToLayers(d, set, room.nid, stacks[0]!, numbered);
}

/** Whether `stack` is `first` with the changes. */
async function isState(stack: LayerStack, first: LayerStack, changes: ReadonlyMap<number, number>): Promise<boolean> {
  for (const key of new Set([...(await differingKeys([stack, first])), ...changes.keys()])) {
    const wanted = changes.get(key) ?? lookUp(first, key) ?? EMPTIED;
    if ((lookUp(stack, key) ?? EMPTIED) !== wanted) return false;
  }
  return true;
}

/** The part of a state by which an event is judged. */
export async function viewFor(room: Room, events: RoomEvents, stack: LayerStack, pdu: Pdu): Promise<StateView> {
  const keys: StateKey[] = [['m.room.create', ''], ...authEventKeys(room.rules, pdu)];
  if (pdu.state_key !== undefined) keys.push([pdu.type, pdu.state_key]);
  const nids = new Map<string, number>();
  for (const [type, stateKey] of keys) {
    const keyNid = room.keyNid(type, stateKey);
    const nid = keyNid === undefined ? undefined : lookUp(stack, keyNid);
    if (nid !== undefined) nids.set(stateKeyOf(type, stateKey), nid);
  }
  const found = await events.withNids(nids.values());
  return {
    get(type, stateKey): StoredEvent | undefined {
      const nid = nids.get(stateKeyOf(type, stateKey));
      return nid === undefined ? undefined : found.get(nid);
    },
  };
}
