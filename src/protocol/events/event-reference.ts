/**
 * How events name those before them and those that allow them.
 * Source: https://spec.matrix.org/v1.19/rooms/v1/#event-format and https://spec.matrix.org/v1.19/rooms/v3/#event-format
 */
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { referenceHash } from '../signing/event-hash.ts';
import type { EventReference, RoomEvent } from './pdu.ts';

/** The ids of the events that are named. */
export function referencedIds(references: readonly EventReference[]): readonly string[] {
  if (!references.some(Array.isArray)) return references as readonly string[];
  return references.map((reference) => String(Array.isArray(reference) ? reference[0] : reference));
}

/**
 * How others name the event: by its id where that is the hash of what it is, and by both where servers choose ids.
 * @throws CanonicalJsonError if the event has no canonical form in this room version.
 */
export function referenceTo(event: RoomEvent, rules: RoomVersionRules): EventReference {
  if (rules.eventIdFormat !== 'server-chosen') return event.eventId;
  return [event.eventId, { sha256: referenceHash(event.pdu, rules) }];
}
