import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { InitialSync } from '../../../services/sync/old/initial-sync.ts';

/** `GET /_matrix/client/v3/initialSync` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3initialsync */
export const initialSync = endpoint({
  name: 'initialSync',
  summary: 'All rooms of the user at once',
  method: 'get',
  paths: ['/_matrix/client/r0/initialSync', '/_matrix/client/v3/initialSync'],
  auth: 'accessToken',
  rateLimit: 'general',
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    archived: Type.Optional(Type.Boolean()),
  }),
  handle({ query, requester }, services: { initialSync: InitialSync }) {
    return services.initialSync.ofUser(requester.userId, query.limit, query.archived);
  },
});
