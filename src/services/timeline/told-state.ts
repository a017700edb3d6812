import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventKind } from '../../storage/contract/events.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import { stacksOf } from './branch-state.ts';
import { addToLayers, type LayerWriteDependencies, numberOfKey } from './layer-writes.ts';
import type { Room } from './room.ts';
import { EMPTIED, entriesOf } from './state-layers.ts';
import type { StoredEvent } from './stored-event.ts';

/** Events that are numbered in a row: then others have their turn. */
const WITHOUT_PAUSE = 500;

/**
 * Writes a state that another server told as a layer, on top of the current state where that is not much different.
 * Answers the layer's number, undefined for an empty state. Of one key the last event counts.
 */
export async function writeToldState(
  d: LayerWriteDependencies,
  set: WriteSet,
  room: Room,
  events: readonly StoredEvent[],
): Promise<number | undefined> {
  const [current = []] = await stacksOf(d.layers, [room.decided.layers.at(-1)?.nid]);
  const told = new Map<number, number>();
  for (const [i, event] of events.entries()) {
    if (i % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await nextTurn();
    if (!isState(event)) continue;
    told.set(numberOfKey(set, room, event.type, event.stateKey!), event.nid);
  }
  const present = entriesOf(current);
  const changes = new Map<number, number>();
  for (const [key, nid] of told) if (present.get(key) !== nid) changes.set(key, nid);
  for (const key of present.keys()) if (!told.has(key)) changes.set(key, EMPTIED);
  if (changes.size > WITHOUT_PAUSE) await nextTurn();
  return addToLayers(d, set, room.nid, current, changes).at(-1)?.nid;
}

function isState(event: StoredEvent): boolean {
  return event.stateKey !== undefined && event.kind !== EventKind.rejected;
}
