import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { Filters } from '../../../services/filters/filters.ts';
import type { EventLookup } from '../../../services/history/event-lookup.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidcontexteventid */
export const getEventContext = endpoint({
  name: 'getEventContext',
  summary: 'The events around an event',
  method: 'get',
  paths: ['/_matrix/client/r0/rooms/{roomId}/context/{eventId}', '/_matrix/client/v3/rooms/{roomId}/context/{eventId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({
    limit: Type.Integer({ minimum: 0, default: 10 }),
    filter: Type.Optional(Type.String()),
  }),
  async handle(
    { params, query, requester },
    { eventLookup, filters }: { eventLookup: EventLookup; filters: Pick<Filters, 'resolveRoomEvents'> },
  ) {
    const filter = filters.resolveRoomEvents(query.filter);
    return jsonText(await eventLookup.context(requester, params.roomId, params.eventId, query.limit, filter));
  },
});
