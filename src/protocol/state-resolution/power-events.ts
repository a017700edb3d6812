/**
 * Power events: events that might remove someone's ability to do something in the room.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
import { stringIn } from '../events/content-readers.ts';
import type { Pdu } from '../events/pdu.ts';
import { authEventIds, type EventLookup, eventOf } from './event-lookup.ts';

/**
 * Power levels and join rules bind nobody under another state key than the empty one, so that only those with it count:
 * here as on other servers.
 */
export function isPowerEvent(pdu: Pdu): boolean {
  switch (pdu.type) {
    case 'm.room.power_levels':
    case 'm.room.join_rules':
      return pdu.state_key === '';
    case 'm.room.member': {
      const membership = stringIn(pdu.content, 'membership');
      return (membership === 'leave' || membership === 'ban') && pdu.sender !== pdu.state_key;
    }
  }
  return false;
}

/**
 * Step 1: the power events of the full conflicted set, and what their auth chains have in common with it.
 *
 * Paths are followed inside the set only. With the conflicted state subgraph (v2.1) the set holds every path between two
 * of its events, so that nothing is missed; in v2 an event behind one that no state disputes stays with the remaining
 * events, as it does on other servers.
 */
export function powerEventsAndTheirAuth(fullConflictedSet: ReadonlySet<string>, events: EventLookup): Set<string> {
  const chosen = new Set<string>();
  for (const eventId of fullConflictedSet) if (isPowerEvent(eventOf(events, eventId).pdu)) chosen.add(eventId);
  for (const eventId of chosen) {
    for (const authEvent of authEventIds(eventOf(events, eventId).pdu)) {
      if (fullConflictedSet.has(authEvent)) chosen.add(authEvent);
    }
  }
  return chosen;
}
