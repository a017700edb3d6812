import { authEventKeys } from '../../../protocol/authorization/auth-event-keys.ts';
import { Gathering } from '../../../protocol/state-resolution/gathering.ts';
import { resolveConflicts } from '../../../protocol/state-resolution/resolve.ts';
import { stateMapKey, stateMapKeyOf } from '../../../protocol/state-resolution/state-map.ts';
import type { Conflict, ConflictChains, NumberedEvent } from './conflict.ts';

/**
 * Gathers what the resolution of a conflict reads, and resolves it.
 * @returns the events that the resolved state has beside those that all states agree on
 */
export async function resolveConflict(conflict: Conflict, chains: ConflictChains): Promise<NumberedEvent[]> {
  const { rules, stateSets, events } = conflict;
  const conflicted = await events.withNids(new Set(stateSets.flat()));
  const full = new Map([...conflicted.values()].map((event) => [event.eventId, event]));
  if (rules.stateResolution !== 'v1') {
    const states = stateSets.map((nids) => nids.map((nid) => conflicted.get(nid)!));
    for (const event of await chains.authDifference(states)) full.set(event.eventId, event);
  }
  if (rules.stateResolution === 'v2.1') {
    const between = await chains.conflictedStateSubgraph([...conflicted.values()]);
    for (const event of between) full.set(event.eventId, event);
  }
  const agreed = await agreedAround(conflict, full.values());
  const unconflicted = new Map([...agreed].map(([key, { eventId }]) => [key, eventId]));
  const gathering = new Gathering(rules, { unconflicted, fullConflictedSet: new Set(full.keys()) });
  for (const event of agreed.values()) gathering.add(event);
  for (const event of full.values()) gathering.add(event);
  while (gathering.missing.size > 0) {
    const wanted = new Set(gathering.missing);
    const found = await events.withIds(wanted);
    for (const eventId of wanted) {
      const event = found.get(eventId);
      if (!event) throw new Error(`${eventId} is not stored`);
      gathering.add(event);
    }
  }
  const winners = resolveConflicts(rules, { unconflicted, fullConflictedSet: new Set(full.keys()) }, gathering);
  return [...winners.values()].map((eventId) => gathering.get(eventId) as NumberedEvent);
}

/** As much of the unconflicted state map as resolution can read: what the events set, and what they are judged by. */
async function agreedAround(
  { rules, agreedOn, events }: Conflict,
  full: Iterable<NumberedEvent>,
): Promise<Map<string, NumberedEvent>> {
  const read = new Map<string, number>();
  const want = (type: string, stateKey: string) => {
    const nid = agreedOn(type, stateKey);
    if (nid !== undefined) read.set(stateMapKey(type, stateKey), nid);
  };
  want('m.room.create', '');
  want('m.room.power_levels', '');
  for (const { pdu } of full) {
    if (!read.has(stateMapKeyOf(pdu))) want(pdu.type, pdu.state_key ?? '');
    for (const [type, stateKey] of authEventKeys(rules, pdu)) {
      if (!read.has(stateMapKey(type, stateKey))) want(type, stateKey);
    }
  }
  const found = await events.withNids(read.values());
  return new Map([...read].map(([key, nid]) => [key, found.get(nid)!]));
}
