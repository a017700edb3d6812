import type { Pdu, RoomEvent } from '../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';

/** What of an event matters to a step of state resolution. */
export interface GraphEvent {
  readonly type?: string;
  readonly sender?: string;
  readonly stateKey?: string;
  readonly content?: JsonObject;
  readonly auth?: readonly string[];
  readonly ts?: number;
  readonly rejected?: boolean;
}

/** Events by id, each with the ids of its auth events. */
export function graphEvents(graph: Readonly<Record<string, GraphEvent>>, roomId = '!room:a.test') {
  const events = new Map<string, RoomEvent>();
  for (const [eventId, event] of Object.entries(graph)) {
    const pdu: Pdu = {
      type: event.type ?? 'm.room.topic',
      room_id: roomId,
      sender: event.sender ?? '@alice:a.test',
      state_key: event.stateKey ?? '',
      content: event.content ?? {},
      origin_server_ts: event.ts ?? 0,
      depth: 1,
      auth_events: [...(event.auth ?? [])],
      prev_events: [],
      hashes: { sha256: '' },
      signatures: {},
    };
    events.set(eventId, { eventId, pdu, ...(event.rejected ? { rejected: true } : {}) });
  }
  return events;
}
