/**
 * The form that an event of another server must have before anything else is asked of it.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu and
 * https://spec.matrix.org/v1.19/rooms/v12/#event-format-1
 */

import { canonicalJson } from '../canonical-json/canonical-json.ts';
import { CanonicalJsonError } from '../canonical-json/canonical-json-error.ts';
import { isBoundedText } from '../identifiers/brand.ts';
import { isEventId } from '../identifiers/event-id.ts';
import { isRoomId, roomIdFromCreateEventId } from '../identifiers/room-id.ts';
import { isUserId } from '../identifiers/user-id.ts';
import { isJsonObject, type JsonObject, type JsonValue, setOwn } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { eventIdOf } from '../signing/event-hash.ts';
import { checkEventSize } from './event-size.ts';
import type { Pdu } from './pdu.ts';

/** The most events that `prev_events` and `auth_events` may name. */
export const MAX_PREV_EVENTS = 20;
export const MAX_AUTH_EVENTS = 10;

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
  const problem = formProblem(event, rules);
  if (problem !== undefined) return problem;
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

function formProblem(event: JsonObject, rules: RoomVersionRules): string | undefined {
  const { type, sender, state_key: stateKey, content } = event;
  if (typeof type !== 'string' || !isBoundedText(type)) return 'type is no event type';
  if (!isUserId(sender)) return 'sender is no user id';
  const isHashedCreate = rules.roomIdIsCreateHash && type === 'm.room.create' && stateKey === '';
  if (isHashedCreate ? event['room_id'] !== undefined : !isRoomId(event['room_id'])) return 'room_id is no room id';
  if (stateKey !== undefined && (typeof stateKey !== 'string' || !isBoundedText(stateKey))) {
    return 'state_key is no state key';
  }
  if (!isJsonObject(content)) return 'content is no object';
  if (!isTime(event['origin_server_ts'])) return 'origin_server_ts is no time';
  if (!isTime(event['depth'])) return 'depth is no depth';
  if (!isEventList(event['prev_events'], MAX_PREV_EVENTS)) return 'prev_events is no list of events';
  if (!isEventList(event['auth_events'], MAX_AUTH_EVENTS)) return 'auth_events is no list of events';
  const hashes = event['hashes'];
  if (!isJsonObject(hashes) || typeof hashes['sha256'] !== 'string') return 'hashes has no sha256';
  return isJsonObject(event['signatures']) ? undefined : 'signatures is no object';
}

function isTime(value: JsonValue | undefined): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isEventList(value: JsonValue | undefined, max: number): boolean {
  return Array.isArray(value) && value.length <= max && value.every(isEventId);
}

function withoutUnsigned(event: JsonObject): Pdu {
  const pdu: JsonObject = {};
  for (const key of Object.keys(event)) if (key !== 'unsigned') setOwn(pdu, key, event[key]);
  return pdu as Pdu;
}
