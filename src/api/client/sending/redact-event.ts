import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { userSuspended } from '../../../protocol/errors.ts';
import type { EventLookup } from '../../../services/history/event-lookup.ts';
import type { EventSender } from '../../../services/rooms/event-sender.ts';
import { massagedTime } from './massaged-time.ts';

/** `PUT /_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid */
export const redactEvent = endpoint({
  name: 'redactEvent',
  summary: 'Takes the content of an event away',
  method: 'put',
  paths: [
    '/_matrix/client/r0/rooms/{roomId}/redact/{eventId}/{txnId}',
    '/_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}',
  ],
  auth: 'accessToken',
  rateLimit: 'message',
  allow: { guests: true, suspended: true },
  query: massagedTime,
  body: Type.Object({ reason: Type.Optional(Type.String()) }),
  async handle(
    { params, query, body, requester },
    { eventSender, eventLookup }: { eventSender: EventSender; eventLookup: EventLookup },
  ) {
    const originServerTs = requester.appserviceId === undefined ? undefined : query.ts;
    const { roomId, eventId, txnId } = params;
    if (requester.isSuspended) {
      const { event } = await eventLookup.find(requester.userId, roomId, eventId);
      if (event.sender !== requester.userId) throw userSuspended('You can redact your own events only');
    }
    return { event_id: await eventSender.redact(requester, roomId, eventId, txnId, body.reason, { originServerTs }) };
  },
});
