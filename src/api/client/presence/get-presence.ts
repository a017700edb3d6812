import { endpoint } from '../../../http/endpoint.ts';
import type { Presence } from '../../../services/presence/presence.ts';

/** `GET /_matrix/client/v3/presence/{userId}/status` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3presenceuseridstatus */
export const getPresence = endpoint({
  name: 'getPresence',
  summary: 'Whether a user is about',
  method: 'get',
  paths: ['/_matrix/client/r0/presence/{userId}/status', '/_matrix/client/v3/presence/{userId}/status'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: ({ params, requester }, { presence }: { presence: Presence }) =>
    presence.status(requester.userId, params.userId),
});
