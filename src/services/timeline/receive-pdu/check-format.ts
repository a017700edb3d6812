import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import { CanonicalJsonError } from '../../../protocol/canonical-json/canonical-json-error.ts';
import { checkEventSize } from '../../../protocol/events/event-size.ts';
import type { Pdu } from '../../../protocol/events/pdu.ts';
import { pduProblem } from '../../../protocol/events/pdu-format.ts';
import { roomIdFromCreateEventId } from '../../../protocol/identifiers/room-id.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import { eventIdOf } from '../../../protocol/signing/event-hash.ts';
import type { SignedEvent } from '../stored-event.ts';

/** An event in hand, or why it is none. */
export type Checked =
  | { readonly ok: true; readonly event: SignedEvent }
  | { readonly ok: false; readonly eventId: string; readonly error: string };

/**
 * Check 1: a valid event of its room version. `unsigned` is no part of it: what others say there is not kept.
 * @param roomId the room that it has to be of
 */
export function checkFormat(received: JsonObject, rules: RoomVersionRules, roomId: string): Checked {
  let eventId = '';
  const refused = (error: string): Checked => ({ ok: false, eventId, error });
  const problem = pduProblem(received, rules);
  const pdu = withoutUnsigned(received) as Pdu;
  try {
    if (problem !== undefined) return refused(`The event is malformed: ${problem}`);
    eventId = eventIdOf(pdu, rules) ?? '';
    const json = canonicalJson(pdu, { strict: rules.strictCanonicalJson });
    const size = checkEventSize(pdu, eventId, json);
    if (!size.ok) return refused(`The ${size.field} is too large: at most ${size.limit} bytes`);
    const ofRoom = pdu.room_id ?? roomIdFromCreateEventId(eventId);
    if (ofRoom !== roomId) return refused('The event is one of another room');
    return { ok: true, event: { eventId, pdu, json } };
  } catch (error) {
    if (error instanceof CanonicalJsonError) return refused(`The event has no canonical form: ${error.message}`);
    throw error;
  }
}

function withoutUnsigned(received: JsonObject): JsonObject {
  if (!Object.hasOwn(received, 'unsigned')) return received;
  const kept: JsonObject = Object.create(null);
  for (const key of Object.keys(received)) if (key !== 'unsigned') kept[key] = received[key];
  return kept;
}
