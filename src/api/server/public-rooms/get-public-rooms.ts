import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { PublicRooms } from '../../../services/directory/public-rooms.ts';

/** `GET /_matrix/federation/v1/publicRooms` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1publicrooms */
export const getPublicRooms = endpoint({
  name: 'getPublicRooms',
  summary: 'The rooms that this server publishes, for another one',
  method: 'get',
  paths: ['/_matrix/federation/v1/publicRooms'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    since: Type.Optional(Type.String()),
    include_all_networks: Type.Optional(Type.Boolean()),
    third_party_instance_id: Type.Optional(Type.String()),
  }),
  handle({ query }, { publicRooms }: { publicRooms: PublicRooms }) {
    const { limit, since, include_all_networks: ofAllNetworks, third_party_instance_id: instanceId } = query;
    return publicRooms.listForServer({ limit, since, instanceId, ofAllNetworks });
  },
});
