import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { EventByTime } from '../../../services/history/event-by-time.ts';

/** `GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidtimestamp_to_event */
export const getEventByTimestamp = endpoint({
  name: 'getEventByTimestamp',
  summary: 'The event that was sent closest to a time',
  method: 'get',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/timestamp_to_event',
    '/_matrix/client/unstable/org.matrix.msc3030/rooms/{roomId}/timestamp_to_event',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({ ts: Type.Integer({ minimum: 0 }), dir: Type.Enum(['f', 'b']) }),
  async handle({ params, query, requester }, { eventByTime }: { eventByTime: EventByTime }) {
    const event = await eventByTime.find(requester.userId, params.roomId, query.ts, query.dir);
    return { event_id: event.eventId, origin_server_ts: event.originServerTs };
  },
});
