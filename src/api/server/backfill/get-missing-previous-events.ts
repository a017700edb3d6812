import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { PastEvents } from '../../../services/retrieval/past-events.ts';

/** `POST /_matrix/federation/v1/get_missing_events/{roomId}` · https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1get_missing_eventsroomid */
export const getMissingPreviousEvents = endpoint({
  name: 'getMissingPreviousEvents',
  summary: 'The events between those that a server has and those that it was sent',
  method: 'post',
  paths: ['/_matrix/federation/v1/get_missing_events/{roomId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: Type.Object({
    limit: Type.Optional(Type.Integer({ default: 10 })),
    min_depth: Type.Optional(Type.Integer({ default: 0 })),
    earliest_events: Type.Array(Type.String()),
    latest_events: Type.Array(Type.String()),
  }),
  async handle({ params, body, requester }, { pastEvents }: { pastEvents: PastEvents }) {
    const events = await pastEvents.missing(requester.serverName, params.roomId, {
      latest: body.latest_events,
      earliest: body.earliest_events,
      limit: body.limit ?? 10,
      minDepth: body.min_depth ?? 0,
    });
    return jsonText(`{"events":[${events.join(',')}]}`);
  },
});
