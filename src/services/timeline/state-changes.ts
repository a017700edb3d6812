import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StateChange } from './current-state-writes.ts';
import type { LayerStack } from './layer-cache.ts';
import type { RoomEvents } from './room-events.ts';
import { differingKeys, lookUp } from './state-layers.ts';
import type { StoredEvent } from './stored-event.ts';

/** Events that are read in a row: then others have their turn. */
const WITHOUT_PAUSE = 200;

/** What is different in the second of two states, with the events: there may be thousands. */
export async function changesBetween(
  events: RoomEvents,
  present: LayerStack,
  next: LayerStack,
): Promise<StateChange[]> {
  const pairs = [...(await differingKeys([present, next]))].map((keyNid) => ({
    keyNid,
    before: lookUp(present, keyNid),
    after: lookUp(next, keyNid),
  }));
  const nids = pairs.flatMap(({ before, after }) => [before, after]).filter((nid) => nid !== undefined);
  if (nids.length > WITHOUT_PAUSE) await nextTurn();
  const found = await events.withNids(nids);
  await readMemberships(found.values());
  const eventOf = (nid: number | undefined) => (nid === undefined ? undefined : found.get(nid));
  return pairs.map(({ keyNid, before, after }) => ({ keyNid, before: eventOf(before), after: eventOf(after) }));
}

/** Who the members are is asked for in one go when the state moves: of many, this takes its time. */
async function readMemberships(events: Iterable<StoredEvent>): Promise<void> {
  let read = 0;
  for (const { membership: _ } of events) {
    read += 1;
    if (read % WITHOUT_PAUSE === 0) await nextTurn();
  }
  if (read > WITHOUT_PAUSE) await nextTurn();
}
