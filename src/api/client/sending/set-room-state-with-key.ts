import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { EventSender } from '../../../services/rooms/event-sender.ts';
import { massagedTime } from './massaged-time.ts';

/** `PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey */
export const setRoomStateWithKey = endpoint({
  name: 'setRoomStateWithKey',
  summary: 'Sets a piece of the state of a room',
  method: 'put',
  // An empty state key may be left out, with or without the slash before it.
  paths: [
    '/_matrix/client/r0/rooms/{roomId}/state/{eventType}',
    '/_matrix/client/r0/rooms/{roomId}/state/{eventType}/',
    '/_matrix/client/r0/rooms/{roomId}/state/{eventType}/{stateKey}',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
  ],
  auth: 'accessToken',
  rateLimit: 'message',
  allow: { guests: true },
  query: massagedTime,
  body: jsonObject,
  async handle({ params, query, body, requester }, { eventSender }: { eventSender: EventSender }) {
    const originServerTs = requester.appserviceId === undefined ? undefined : query.ts;
    const { roomId, eventType, stateKey } = params;
    return {
      event_id: await eventSender.setState(requester, roomId, eventType, stateKey ?? '', body, { originServerTs }),
    };
  },
});
