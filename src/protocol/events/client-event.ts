import { roomIdFromCreateEventId } from '../identifiers/room-id.ts';
import { type JsonObject, withKey } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { redactsOf } from './content-readers.ts';
import type { RoomEvent } from './pdu.ts';

/** An event as clients receive it. `unsigned` depends on who asks, and is added by whoever answers. */
export interface ClientEvent extends JsonObject {
  content: JsonObject;
  event_id: string;
  origin_server_ts: number;
  /** Left out where the answer names the room already, as in sync. */
  room_id?: string;
  sender: string;
  state_key?: string;
  type: string;
  redacts?: string;
  unsigned?: JsonObject;
}

/**
 * The event in the form of `/sync`, without `room_id`. It shares `content` with the PDU. Redactions name their event
 * both in the content and beside it, whatever the room version, so that old and new clients find it.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-event-format and
 * https://spec.matrix.org/v1.19/rooms/v11/#moving-the-redacts-property-of-mroomredaction-events-to-a-content-property
 */
export function clientEventWithoutRoomId(event: RoomEvent, rules: RoomVersionRules): ClientEvent {
  const { eventId, pdu } = event;
  const out: ClientEvent = {
    content: pdu.content,
    event_id: eventId,
    origin_server_ts: pdu.origin_server_ts,
    sender: pdu.sender,
    type: pdu.type,
  };
  if (pdu.state_key !== undefined) out.state_key = pdu.state_key;
  const redacts = pdu.type === 'm.room.redaction' ? redactsOf(pdu, rules) : undefined;
  if (redacts !== undefined) {
    out.redacts = redacts;
    if (!rules.redaction.redactsInContent) out.content = withKey(pdu.content, 'redacts', redacts);
  }
  return out;
}

/** The event in the form of all other endpoints, with `room_id`. */
export function clientEvent(event: RoomEvent, rules: RoomVersionRules): ClientEvent {
  const out = clientEventWithoutRoomId(event, rules);
  out.room_id = event.pdu.room_id ?? roomIdFromCreateEventId(event.eventId);
  return out;
}
