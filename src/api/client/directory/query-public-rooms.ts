import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { PublicRooms } from '../../../services/directory/public-rooms.ts';

/** `POST /_matrix/client/v3/publicRooms` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3publicrooms */
export const queryPublicRooms = endpoint({
  name: 'queryPublicRooms',
  summary: 'Searches the rooms that this server publishes',
  method: 'post',
  paths: ['/_matrix/client/r0/publicRooms', '/_matrix/client/v3/publicRooms'],
  auth: 'accessToken',
  rateLimit: 'search',
  allow: { guests: true, suspended: true },
  query: Type.Object({ server: Type.Optional(Type.String()) }),
  body: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    since: Type.Optional(Type.String()),
    include_all_networks: Type.Optional(Type.Boolean()),
    third_party_instance_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    filter: Type.Optional(
      Type.Object({
        generic_search_term: Type.Optional(Type.String()),
        room_types: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Null()]))),
      }),
    ),
  }),
  async handle({ query, body }, { publicRooms }: { publicRooms: PublicRooms }) {
    const { limit, since, filter } = body;
    const { generic_search_term: searchTerm, room_types: roomTypes } = filter ?? {};
    const { include_all_networks: ofAllNetworks, third_party_instance_id: instanceId } = body;
    const of = { ofAllNetworks, instanceId: instanceId ?? undefined };
    return publicRooms.list({ limit, since, server: query.server, searchTerm, roomTypes, ...of });
  },
});
