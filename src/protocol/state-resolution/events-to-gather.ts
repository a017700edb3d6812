/** Which events a resolution reads: the full conflicted set, what its checks and orderings look at, and no more. */
import { authEventKeys } from '../authorization/auth-event-keys.ts';
import type { Pdu } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { authEventIds, type EventLookup, impliedCreateEventId } from './event-lookup.ts';
import type { Conflict } from './resolve.ts';
import { stateMapKey } from './state-map.ts';

/**
 * The ids that are not in `events` yet. Whoever gathers loads them and asks again until the answer is empty. Each round
 * goes one step back along the power levels of the room: with all its power levels events loaded before, two suffice.
 */
export function eventsToGather(rules: RoomVersionRules, conflict: Conflict, events: EventLookup): Set<string> {
  const missing = new Set<string>();
  const followed = new Set<string>();
  const need = (eventId: string | undefined): Pdu | undefined => {
    if (eventId === undefined) return undefined;
    const pdu = events.get(eventId)?.pdu;
    if (!pdu) missing.add(eventId);
    return pdu;
  };
  const needPowerLevels = (eventId: string): void => {
    // Mainlines follow power levels as far back as they go.
    const unfollowed = [eventId];
    for (let id = unfollowed.pop(); id !== undefined; id = unfollowed.pop()) {
      if (followed.has(id)) continue;
      followed.add(id);
      const pdu = need(id);
      if (pdu?.type === 'm.room.power_levels') unfollowed.push(...authEventIds(pdu));
    }
  };

  for (const eventId of conflict.fullConflictedSet) {
    const pdu = need(eventId);
    if (!pdu) continue;
    if (rules.stateResolution !== 'v1') {
      for (const authEvent of authEventIds(pdu)) needPowerLevels(authEvent);
      need(impliedCreateEventId(rules, pdu));
    }
    // v2.1 begins with an empty state and never looks at the unconflicted one.
    if (rules.stateResolution !== 'v2.1') {
      for (const key of authEventKeys(rules, pdu)) need(conflict.unconflicted.get(stateMapKey(...key)));
    }
  }
  const unconflictedLevels = conflict.unconflicted.get(stateMapKey('m.room.power_levels', ''));
  if (rules.stateResolution === 'v2' && unconflictedLevels !== undefined) needPowerLevels(unconflictedLevels);
  return missing;
}
