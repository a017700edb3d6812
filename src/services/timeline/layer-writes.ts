import type { Storage } from '../../storage/contract/storage.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { LayerCache, LayerStack } from './layer-cache.ts';
import type { LargeResolutions } from './resolution/large-resolutions.ts';
import type { Room } from './room.ts';
import { stateKeyOf } from './state-key.ts';
import { entriesOf, type Layer, nextLayer, packEntries, type StateEntries, type WholeLayer } from './state-layers.ts';

export interface LayerWriteDependencies {
  readonly storage: Storage;
  readonly layers: LayerCache;
  readonly resolutions: LargeResolutions;
}

/** The number of a state key within its room; a new one is added to the write set. */
export function numberOfKey(set: WriteSet, room: Room, type: string, stateKey: string): number {
  const known = room.keyNid(type, stateKey);
  if (known !== undefined) return known;
  const key = stateKeyOf(type, stateKey);
  const keyNid = room.decided.numberKey(key);
  set.add('state_keys.insert', { room_nid: room.nid, key_nid: keyNid, type, state_key: stateKey });
  set.onCommittedEarly(() => {
    room.putAbsentKey(type, stateKey, keyNid);
    room.decided.settleKey(key);
  });
  return keyNid;
}

/** Puts changes of the current state on the room's own stack of layers. */
export function addToCurrentLayers(
  d: LayerWriteDependencies,
  set: WriteSet,
  room: Room,
  keyNid: number,
  eventNid: number,
): void {
  const { decided } = room;
  const whole = () => room.decidedEntries().set(keyNid, eventNid);
  const layer = addLayer(d, set, room.nid, decided.layers, [[keyNid, eventNid]], whole);
  const beneath = decided.layers.slice(0, layer.depth - 1);
  decided.layers = [...beneath, asCurrent(layer)];
}

/** Puts changes on any state of the room's past or present; without any, the state stays the same one. */
export function addToLayers(
  d: LayerWriteDependencies,
  set: WriteSet,
  roomNid: number,
  stack: LayerStack,
  changes: StateEntries,
): LayerStack {
  if (changes.size === 0) return stack;
  const layer = addLayer(d, set, roomNid, stack, changes, () => entriesOf(stack, changes));
  return [...stack.slice(0, layer.depth - 1), layer];
}

/** A stack of layers as a room keeps the one of its present state. */
export function currentLayers(stack: LayerStack): readonly Layer[] {
  return stack.map(asCurrent);
}

function asCurrent({ nid, depth, size, entries, parent }: WholeLayer): Layer {
  return { nid, depth, size, entries: parent === undefined ? undefined : entries };
}

function addLayer(
  d: LayerWriteDependencies,
  set: WriteSet,
  roomNid: number,
  stack: readonly Layer[],
  changes: Iterable<readonly [number, number]>,
  whole: () => StateEntries,
): WholeLayer {
  const { parent, depth, entries } = nextLayer(stack, changes, whole);
  const layer = { nid: d.storage.nextNid('layer'), parent, depth, size: entries.size, entries };
  set.add('state_layers.insert', {
    layer_nid: layer.nid,
    room_nid: roomNid,
    parent: parent ?? null,
    depth,
    size: entries.size,
    diff: packEntries(entries),
  });
  d.layers.put(layer);
  return layer;
}
