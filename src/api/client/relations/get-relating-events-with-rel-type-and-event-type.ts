import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { RelationPages } from '../../../services/relations/relation-pages.ts';
import { relationsQuery, relationsRequest } from './relations-query.ts';

/** `GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype */
export const getRelatingEventsWithRelTypeAndEventType = endpoint({
  name: 'getRelatingEventsWithRelTypeAndEventType',
  summary: 'The events of one type that relate to an event in one way',
  method: 'get',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}',
    '/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: relationsQuery,
  async handle({ params, query, requester }, { relationPages }: { relationPages: RelationPages }) {
    const { roomId, eventId, relType, eventType } = params;
    return jsonText(
      await relationPages.page(requester, roomId, eventId, { ...relationsRequest(query), relType, eventType }),
    );
  },
});
