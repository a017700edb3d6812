/**
 * The events that resolution reads, and the edges between them.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#auth-events-selection
 */
import { referencedIds } from '../events/event-reference.ts';
import type { Pdu, RoomEvent } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';

/** Events by id, gathered before: a `Gathering` tells which ones a resolution reads. */
export interface EventLookup {
  get(eventId: string): RoomEvent | undefined;
}

/** @throws Error if the event was not gathered, which is a mistake in the code that gathers. */
export function eventOf(events: EventLookup, eventId: string): RoomEvent {
  const event = events.get(eventId);
  if (!event) throw new Error(`State resolution reads ${eventId}, which was not gathered`);
  return event;
}

/** The ids in `auth_events`. */
export function authEventIds(pdu: Pdu): readonly string[] {
  return referencedIds(pdu.auth_events);
}

/** The create event that the room id implies where `auth_events` does not name it (12). */
export function impliedCreateEventId(rules: RoomVersionRules, pdu: Pdu): string | undefined {
  if (!rules.createEventImpliedInAuthEvents || pdu.room_id === undefined) return undefined;
  return `$${pdu.room_id.slice(1)}`;
}

/** The event of `auth_events`, or the implied create event, that sets this entry of the state. */
export function authEventFor(
  rules: RoomVersionRules,
  events: EventLookup,
  pdu: Pdu,
  type: string,
  stateKey: string,
): RoomEvent | undefined {
  if (type === 'm.room.create') {
    const create = impliedCreateEventId(rules, pdu);
    if (create !== undefined) return eventOf(events, create);
  }
  for (const id of authEventIds(pdu)) {
    const event = eventOf(events, id);
    if (event.pdu.type === type && event.pdu.state_key === stateKey) return event;
  }
  return undefined;
}
