import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { InitialSync } from '../../../services/sync/old/initial-sync.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/initialSync` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidinitialsync */
export const roomInitialSync = endpoint({
  name: 'roomInitialSync',
  summary: 'A room with its state and newest events',
  method: 'get',
  paths: ['/_matrix/client/r0/rooms/{roomId}/initialSync', '/_matrix/client/v3/rooms/{roomId}/initialSync'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 0 })) }),
  handle({ params, query, requester }, { initialSync }: { initialSync: InitialSync }) {
    return initialSync.ofRoom(requester, params.roomId, query.limit);
  },
});
