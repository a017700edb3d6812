import type { JsonObject, JsonValue } from '../json.ts';

/** An event that another one names: its id, and in room versions 1 and 2 with it the hash of what it is. */
export type EventReference = string | [eventId: string, hashes: { sha256: string }];

/**
 * A persistent data unit as servers exchange it. Content and `unsigned` are read lazily, field by
 * field, because a PDU that another server made may hold anything.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#event-format-1
 */
export interface Pdu extends JsonObject {
  type: string;
  /** Absent on the `m.room.create` event of rooms whose id is a hash (version 12). */
  room_id?: string;
  sender: string;
  /** Present if and only if this is a state event. */
  state_key?: string;
  content: JsonObject;
  /** Milliseconds since the epoch, as the sender claims. */
  origin_server_ts: number;
  depth: number;
  auth_events: EventReference[];
  prev_events: EventReference[];
  hashes: { sha256: string } & JsonObject;
  signatures: { [server: string]: { [keyId: string]: string } } & JsonObject;
  unsigned?: JsonObject;
  redacts?: string;
  /** Present where servers choose the ids of their events (versions 1 and 2). */
  event_id?: string;
}

/** A PDU with its id, as the rules take it. Whoever gathers fills in what the database knows. */
export interface RoomEvent {
  readonly eventId: string;
  readonly pdu: Pdu;
  /** True if authorization refused the event when it came; state resolution and auth rules pay it no heed. */
  readonly rejected?: boolean;
}

/** Look up of current or past state: `(type, stateKey) → event`. */
export interface StateView {
  get(type: string, stateKey: string): RoomEvent | undefined;
}

export type { JsonObject, JsonValue };
