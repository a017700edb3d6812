import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { EventLookup } from '../../../services/history/event-lookup.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomideventeventid */
export const getOneRoomEvent = endpoint({
  name: 'getOneRoomEvent',
  summary: 'A single event',
  method: 'get',
  paths: ['/_matrix/client/r0/rooms/{roomId}/event/{eventId}', '/_matrix/client/v3/rooms/{roomId}/event/{eventId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ params, requester }, { eventLookup }: { eventLookup: EventLookup }) {
    return jsonText(await eventLookup.one(requester, params.roomId, params.eventId));
  },
});
