import { canonicalJson } from '../canonical-json/canonical-json.ts';
import { CanonicalJsonError } from '../canonical-json/canonical-json-error.ts';
import { roomIdFromCreateEventId } from '../identifiers/room-id.ts';
import { isJsonObject, type JsonObject, type JsonValue, setOwn } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { eventIdOf } from '../signing/event-hash.ts';
import { checkEventSize } from './event-size.ts';
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

/** Reads an event of a room whose event ids are hashes (version 3 and later), or says what is wrong with its form. */
export function readPdu(event: JsonValue | undefined, rules: RoomVersionRules): ReceivedPdu | string {
  if (!isJsonObject(event)) return 'The event is no object';
  if (rules.eventIdFormat === 'server-chosen') return `Events of rooms of version ${rules.version} are not read here`;
  const problem = pduProblem(event, rules);
  if (problem !== undefined) return `The event is malformed: ${problem}`;
  const pdu = withoutUnsigned(event);
  try {
    const json = canonicalJson(pdu, { strict: rules.strictCanonicalJson });
    const eventId = eventIdOf(pdu, rules)!;
    const size = checkEventSize(pdu, eventId, json);
    if (!size.ok) return `The ${size.field} is too large: ${size.bytes} bytes, at most ${size.limit}`;
    return { eventId, roomId: pdu.room_id ?? roomIdFromCreateEventId(eventId), pdu, json };
  } catch (error) {
    if (error instanceof CanonicalJsonError) return error.message;
    throw error;
  }
}

function withoutUnsigned(event: JsonObject): Pdu {
  const pdu: JsonObject = {};
  for (const key of Object.keys(event)) if (key !== 'unsigned') setOwn(pdu, key, event[key]);
  return pdu as Pdu;
}
