import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { RelationPages } from '../../../services/relations/relation-pages.ts';
import { relationsQuery, relationsRequest } from './relations-query.ts';

/** `GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltype */
export const getRelatingEventsWithRelType = endpoint({
  name: 'getRelatingEventsWithRelType',
  summary: 'The events that relate to an event in one way',
  method: 'get',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}',
    '/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}/{relType}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: relationsQuery,
  async handle({ params, query, requester }, { relationPages }: { relationPages: RelationPages }) {
    const { roomId, eventId, relType } = params;
    return jsonText(await relationPages.page(requester, roomId, eventId, { ...relationsRequest(query), relType }));
  },
});
