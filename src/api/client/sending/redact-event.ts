import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { userSuspended } from '../../../protocol/errors.ts';
import type { EventLookup } from '../../../services/history/event-lookup.ts';
import type { EventSender } from '../../../services/rooms/event-sender.ts';
import type { RelatedRedactions } from '../../../services/rooms/related-redactions.ts';
import { massagedTime } from './massaged-time.ts';

interface Services {
  readonly eventSender: EventSender;
  readonly eventLookup: EventLookup;
  readonly relatedRedactions: RelatedRedactions;
}

/** Types of relations to redact with the event (MSC3912). */
const relTypes = Type.Optional(Type.Array(Type.String(), { maxItems: 20 }));

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
  body: Type.Object({
    reason: Type.Optional(Type.String()),
    with_rel_types: relTypes,
    'org.matrix.msc3912.with_relations': relTypes,
  }),
  async handle({ params, query, body, requester }, { eventSender, eventLookup, relatedRedactions }: Services) {
    const originServerTs = requester.appserviceId === undefined ? undefined : query.ts;
    const { roomId, eventId, txnId } = params;
    if (requester.isSuspended) {
      const { event } = await eventLookup.find(requester.userId, roomId, eventId);
      if (event.sender !== requester.userId) throw userSuspended('You can redact your own events only');
    }
    const { reason } = body;
    const id = await eventSender.redact(requester, roomId, eventId, txnId, reason, { originServerTs });
    const relTypes = body.with_rel_types ?? body['org.matrix.msc3912.with_relations'] ?? [];
    if (relTypes.length > 0) {
      const ownOnly = requester.isSuspended;
      await relatedRedactions.redact({ sender: requester.userId, roomId, eventId, reason, relTypes, ownOnly });
    }
    return { event_id: id };
  },
});
