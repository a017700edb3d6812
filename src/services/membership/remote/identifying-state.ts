import { type ReceivedPdu, readPdu } from '../../../protocol/events/read-pdu.ts';
import { type StrippedStateEvent, strippedState } from '../../../protocol/events/stripped-state.ts';
import { isJsonObject, type JsonValue } from '../../../protocol/json.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import type { EventSignatures } from '../event-signatures.ts';

/** The most events of a room's state that are looked at to identify it. */
const MAX_EVENTS = 100;

/**
 * Reads the state that comes with an invite, to be shown to the user; in new room versions it must be events of that
 * room, all of them properly signed.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2inviteroomideventid
 * @returns what is wrong with it, as text, or the events, stripped
 */
export async function readInviteState(
  signatures: EventSignatures,
  roomId: string,
  rules: RoomVersionRules,
  state: readonly JsonValue[],
): Promise<StrippedStateEvent[] | string> {
  if (state.length > MAX_EVENTS) return `invite_room_state holds more than ${MAX_EVENTS} events`;
  if (!rules.strictInviteState) return looselyStripped(state);
  const events = state.map((event) => readPdu(event, rules));
  const malformed = events.find((event) => typeof event === 'string');
  if (malformed !== undefined) return `invite_room_state: ${malformed}`;
  const pdus = events as ReceivedPdu[];
  if (!pdus.some(({ pdu }) => pdu.type === 'm.room.create' && pdu.state_key === '')) {
    return 'invite_room_state has no m.room.create event';
  }
  if (pdus.some((event) => event.roomId !== roomId)) return 'invite_room_state has an event of another room';
  const problems = await Promise.all(pdus.map(({ pdu }) => signatures.problem(pdu, rules)));
  const problem = problems.find((found) => found !== undefined);
  return problem === undefined ? looselyStripped(pdus.map(({ pdu }) => pdu)) : `invite_room_state: ${problem}`;
}

/** The same of the answer to a knock: what is not as it should be is left out. */
export async function readKnockState(
  signatures: EventSignatures,
  roomId: string,
  rules: RoomVersionRules,
  state: JsonValue | undefined,
): Promise<StrippedStateEvent[]> {
  const events = (Array.isArray(state) ? state : []).slice(0, MAX_EVENTS);
  if (!rules.strictInviteState) return looselyStripped(events);
  const read = events.map((event) => readPdu(event, rules)).filter((event) => typeof event !== 'string');
  const ofRoom = read.filter((event) => event.roomId === roomId);
  const problems = await Promise.all(ofRoom.map(({ pdu }) => signatures.problem(pdu, rules)));
  return looselyStripped(ofRoom.filter((_, index) => problems[index] === undefined).map(({ pdu }) => pdu));
}

function looselyStripped(state: readonly JsonValue[]): StrippedStateEvent[] {
  return state.flatMap((event) => (isJsonObject(event) ? (strippedState(event) ?? []) : []));
}
