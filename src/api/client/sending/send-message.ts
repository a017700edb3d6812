import { endpoint } from '../../../http/endpoint.ts';
import { optionalJsonObject } from '../../../http/schemas.ts';
import { notJson } from '../../../protocol/errors.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';
import type { EventSender } from '../../../services/rooms/event-sender.ts';
import { DELAY, sendingQuery } from './delay.ts';

interface Services {
  readonly eventSender: EventSender;
  readonly delayedEvents: DelayedEvents;
}

/** `PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid */
export const sendMessage = endpoint({
  name: 'sendMessage',
  summary: 'Sends a message event into a room',
  method: 'put',
  paths: [
    '/_matrix/client/r0/rooms/{roomId}/send/{eventType}/{txnId}',
    '/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}',
  ],
  auth: 'accessToken',
  rateLimit: 'message',
  allow: { guests: true },
  query: sendingQuery,
  body: optionalJsonObject,
  async handle({ params, query, body, requester, request }, { eventSender, delayedEvents }: Services) {
    const originServerTs = requester.appserviceId === undefined ? undefined : query.ts;
    const { roomId, eventType: type, txnId } = params;
    const delay = query[DELAY];
    if (delay !== undefined) {
      const known = await delayedEvents.scheduledBefore(requester, { roomId, type, txnId });
      if (known !== undefined) return { delay_id: known };
    }
    // A request that lost its body on the way must not make an empty event.
    if (request.body.length === 0) throw notJson('The request needs a body of JSON');
    if (delay !== undefined) {
      const draft = { roomId, type, content: body, originServerTs, delay, txnId };
      return { delay_id: await delayedEvents.schedule(requester, draft) };
    }
    return { event_id: await eventSender.sendMessage(requester, roomId, type, txnId, body, { originServerTs }) };
  },
});
