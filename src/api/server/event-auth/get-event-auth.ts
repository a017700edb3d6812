import { endpoint } from '../../../http/endpoint.ts';
import { jsonOfArrays } from '../../../http/reply.ts';
import type { SingleEvents } from '../../../services/retrieval/single-events.ts';

/** `GET /_matrix/federation/v1/event_auth/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1event_authroomideventid */
export const getEventAuth = endpoint({
  name: 'getEventAuth',
  summary: 'The auth chain of an event',
  method: 'get',
  paths: ['/_matrix/federation/v1/event_auth/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  async handle({ params, requester }, { singleEvents }: { singleEvents: SingleEvents }) {
    return jsonOfArrays({
      auth_chain: await singleEvents.authChain(requester.serverName, params.roomId, params.eventId),
    });
  },
});
