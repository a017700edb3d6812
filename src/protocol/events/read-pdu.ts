import { canonicalJson } from '../canonical-json/canonical-json.ts';
import { CanonicalJsonError } from '../canonical-json/canonical-json-error.ts';
import { roomIdFromCreateEventId } from '../identifiers/room-id.ts';
import { isJsonObject, type JsonObject, type JsonValue, setOwn } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { eventIdOf } from '../signing/event-hash.ts';
import { checkReceivedSize } from './event-size.ts';
import type { Pdu } from './pdu.ts';
import { pduProblem } from './pdu-format.ts';

/** An event of another server, whose form is right: whether what it says is true is another question. */
export interface ReceivedPdu {
  readonly eventId: string;
  /** Also of a create event that does not say it, because its hash is the room's id. */
  readonly roomId: string;
  /** Without `unsigned`. */
  readonly pdu: Pdu;
  /** The canonical JSON of `pdu`. */
  readonly json: string;
}

/**
 * Reads an event of a room of this version, or says what is wrong with its form: the first of the checks on receipt.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu
 */
export function readPdu(event: JsonValue | undefined, rules: RoomVersionRules): ReceivedPdu | string {
  if (!isJsonObject(event)) return 'The event is no object';
  const problem = pduProblem(event, rules);
  if (problem !== undefined) return `The event is malformed: ${problem}`;
  const pdu = withoutUnsigned(event);
  try {
    const json = canonicalJson(pdu, { strict: rules.strictCanonicalJson });
    const eventId = eventIdOf(pdu, rules)!;
    const size = checkReceivedSize(pdu, eventId, json, rules);
    if (!size.ok) return `The ${size.field} is too large: ${size.bytes} bytes, at most ${size.limit}`;
    return { eventId, roomId: pdu.room_id ?? roomIdFromCreateEventId(eventId), pdu, json };
  } catch (error) {
    if (error instanceof CanonicalJsonError) return `The event has no canonical form: ${error.message}`;
    throw error;
  }
}

/** What others say in `unsigned` is not kept. */
function withoutUnsigned(event: JsonObject): Pdu {
  if (!Object.hasOwn(event, 'unsigned')) return event as Pdu;
  const pdu: JsonObject = {};
  for (const key of Object.keys(event)) if (key !== 'unsigned') setOwn(pdu, key, event[key]);
  return pdu as Pdu;
}
