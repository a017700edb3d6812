import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { PublicRooms } from '../../../services/directory/public-rooms.ts';

/** `GET /_matrix/client/v3/publicRooms` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3publicrooms */
export const getPublicRooms = endpoint({
  name: 'getPublicRooms',
  summary: 'The rooms that this server publishes',
  method: 'get',
  paths: ['/_matrix/client/r0/publicRooms', '/_matrix/client/v3/publicRooms'],
  auth: 'none',
  rateLimit: 'search',
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    since: Type.Optional(Type.String()),
    server: Type.Optional(Type.String()),
  }),
  async handle({ query }, { publicRooms }: { publicRooms: PublicRooms }) {
    return publicRooms.list(query);
  },
});
