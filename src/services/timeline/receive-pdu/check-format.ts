import { readPdu } from '../../../protocol/events/read-pdu.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import type { SignedEvent } from '../stored-event.ts';

/** An event in hand, or why it is none. */
export type Checked =
  | { readonly ok: true; readonly event: SignedEvent }
  | { readonly ok: false; readonly eventId: string; readonly error: string };

/**
 * Check 1: a valid event of its room version.
 * @param roomId the room that it has to be of
 */
export function checkFormat(received: JsonObject, rules: RoomVersionRules, roomId: string): Checked {
  const event = readPdu(received, rules);
  if (typeof event === 'string') return { ok: false, eventId: '', error: event };
  if (event.roomId !== roomId) return { ok: false, eventId: event.eventId, error: 'The event is one of another room' };
  return { ok: true, event };
}
