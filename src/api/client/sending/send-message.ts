import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { EventSender } from '../../../services/rooms/event-sender.ts';
import { massagedTime } from './massaged-time.ts';

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
  query: massagedTime,
  body: jsonObject,
  async handle({ params, query, body, requester }, { eventSender }: { eventSender: EventSender }) {
    const originServerTs = requester.appserviceId === undefined ? undefined : query.ts;
    const { roomId, eventType, txnId } = params;
    return { event_id: await eventSender.sendMessage(requester, roomId, eventType, txnId, body, { originServerTs }) };
  },
});
