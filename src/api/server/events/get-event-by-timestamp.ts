import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { EventByTime } from '../../../services/history/event-by-time.ts';

/** `GET /_matrix/federation/v1/timestamp_to_event/{roomId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1timestamp_to_eventroomid */
export const getEventByTimestampForServer = endpoint({
  name: 'getEventByTimestamp',
  summary: 'The event that was sent closest to a time, for a server in its room',
  method: 'get',
  paths: [
    '/_matrix/federation/v1/timestamp_to_event/{roomId}',
    '/_matrix/federation/unstable/org.matrix.msc3030/timestamp_to_event/{roomId}',
  ],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ ts: Type.Integer({ minimum: 0 }), dir: Type.Enum(['f', 'b']) }),
  async handle({ params, query, requester }, { eventByTime }: { eventByTime: EventByTime }) {
    const event = await eventByTime.findForServer(requester.serverName, params.roomId, query.ts, query.dir);
    return { event_id: event.eventId, origin_server_ts: event.originServerTs };
  },
});
