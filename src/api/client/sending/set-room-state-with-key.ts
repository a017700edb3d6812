import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';
import type { EventSender } from '../../../services/rooms/event-sender.ts';
import { DELAY, sendingQuery } from './delay.ts';

interface Services {
  readonly eventSender: EventSender;
  readonly delayedEvents: DelayedEvents;
}

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
  query: sendingQuery,
  body: jsonObject,
  async handle({ params, query, body, requester }, { eventSender, delayedEvents }: Services) {
    const originServerTs = requester.appserviceId === undefined ? undefined : query.ts;
    const { roomId, eventType: type, stateKey = '' } = params;
    const delay = query[DELAY];
    if (delay !== undefined) {
      const draft = { roomId, type, stateKey, content: body, originServerTs, delay };
      return { delay_id: await delayedEvents.schedule(requester, draft) };
    }
    return { event_id: await eventSender.setState(requester, roomId, type, stateKey, body, { originServerTs }) };
  },
});
