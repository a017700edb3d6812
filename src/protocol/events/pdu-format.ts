/**
 * The form of events that other servers send: what is no event at all is dropped, whatever it says.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#event-format-1 and, for older versions, the pages of each
 */
import { isEventIdIn } from '../identifiers/event-id.ts';
import { isRoomId } from '../identifiers/room-id.ts';
import { isUserId } from '../identifiers/user-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { EventReference } from './pdu.ts';

/** The most events that one names as coming before it. Source: https://spec.matrix.org/v1.19/server-server-api/#pdus */
export const MAX_PREV_EVENTS = 20;
/** The most events that one names as allowing it. */
export const MAX_AUTH_EVENTS = 10;

/** What is wrong with the form of a PDU in its room version; undefined if nothing is. */
export function pduProblem(pdu: JsonObject, rules: RoomVersionRules): string | undefined {
  return (
    textProblem(pdu) ??
    roomIdProblem(pdu, rules) ??
    eventIdProblem(pdu, rules) ??
    numberProblem(pdu) ??
    signingProblem(pdu) ??
    referencesProblem(pdu, 'prev_events', MAX_PREV_EVENTS, rules) ??
    referencesProblem(pdu, 'auth_events', MAX_AUTH_EVENTS, rules) ??
    beginningProblem(pdu)
  );
}

/** No engine stores a NUL in a text, and no event needs one in its type or state key. */
const isName = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

function textProblem(pdu: JsonObject): string | undefined {
  if (!isName(pdu['type'])) return 'type is not a string';
  if (!isUserId(pdu['sender']) || !isName(pdu['sender'])) return 'sender is not a user id';
  if (pdu['state_key'] !== undefined && !isName(pdu['state_key'])) return 'state_key is not a string';
  if (!isJsonObject(pdu['content'])) return 'content is not an object';
  return undefined;
}

function roomIdProblem(pdu: JsonObject, rules: RoomVersionRules): string | undefined {
  const roomId = pdu['room_id'];
  if (rules.roomIdIsCreateHash && pdu['type'] === 'm.room.create') {
    return roomId === undefined ? undefined : 'the create event has a room_id';
  }
  return isRoomId(roomId) ? undefined : 'room_id is not a room id';
}

function eventIdProblem(pdu: JsonObject, rules: RoomVersionRules): string | undefined {
  if (rules.eventIdFormat !== 'server-chosen') return undefined;
  return isEventIdIn(rules, pdu['event_id']) ? undefined : 'event_id is not an event id';
}

/**
 * In versions 1 to 5, depths may go up to 2^63 - 1. Beyond 2^53 they are no numbers here, and an event that has been read
 * inexactly has neither its hash nor its signature: rooms in which somebody drove the depth so far (which was a way to
 * break rooms in 2018) cannot be taken part in from then on.
 */
function numberProblem(pdu: JsonObject): string | undefined {
  const { depth, origin_server_ts: ts } = pdu;
  if (!Number.isSafeInteger(depth) || (depth as number) < 0) return 'depth is not a number that it can be';
  return Number.isSafeInteger(ts) && (ts as number) >= 0 ? undefined : 'origin_server_ts is not a time';
}

function signingProblem(pdu: JsonObject): string | undefined {
  const { hashes, signatures } = pdu;
  if (!isJsonObject(hashes) || typeof hashes['sha256'] !== 'string') return 'hashes has no sha256';
  return isJsonObject(signatures) ? undefined : 'signatures is not an object';
}

function referencesProblem(
  pdu: JsonObject,
  key: 'prev_events' | 'auth_events',
  most: number,
  rules: RoomVersionRules,
): string | undefined {
  const references = pdu[key];
  if (!Array.isArray(references)) return `${key} is not a list`;
  if (references.length > most) return `${key} names more than ${most} events`;
  return isReferences(references, most, rules) ? undefined : `${key} names what is no event id`;
}

/** Whether the value names at most so many events, in the way of the room version. */
export function isReferences(
  value: JsonValue | undefined,
  most: number,
  rules: RoomVersionRules,
): value is EventReference[] {
  return Array.isArray(value) && value.length <= most && value.every((one) => isReference(one, rules));
}

function isReference(reference: JsonValue, rules: RoomVersionRules): boolean {
  if (rules.eventIdFormat !== 'server-chosen') return isEventIdIn(rules, reference);
  if (!Array.isArray(reference) || reference.length !== 2) return false;
  return isEventIdIn(rules, reference[0]) && isJsonObject(reference[1]);
}

/** Only a room's first event follows none. */
function beginningProblem(pdu: JsonObject): string | undefined {
  const isFirst = (pdu['prev_events'] as JsonValue[]).length === 0;
  return isFirst && pdu['type'] !== 'm.room.create' ? 'prev_events is empty' : undefined;
}
