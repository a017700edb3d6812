import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { PublicRooms } from '../../../services/directory/public-rooms.ts';

/** `POST /_matrix/federation/v1/publicRooms` · https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1publicrooms */
export const queryPublicRooms = endpoint({
  name: 'queryPublicRooms',
  summary: 'Searches the rooms that this server publishes, for another one',
  method: 'post',
  paths: ['/_matrix/federation/v1/publicRooms'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    since: Type.Optional(Type.String()),
    include_all_networks: Type.Optional(Type.Boolean()),
    third_party_instance_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    filter: Type.Optional(
      Type.Object({
        generic_search_term: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        room_types: Type.Optional(Type.Union([Type.Array(Type.Union([Type.String(), Type.Null()])), Type.Null()])),
      }),
    ),
  }),
  handle({ body }, { publicRooms }: { publicRooms: PublicRooms }) {
    const { limit, since, filter, include_all_networks: ofAllNetworks } = body;
    const searchTerm = filter?.generic_search_term ?? undefined;
    const roomTypes = filter?.room_types ?? undefined;
    const instanceId = body.third_party_instance_id ?? undefined;
    return publicRooms.listForServer({ limit, since, searchTerm, roomTypes, instanceId, ofAllNetworks });
  },
});
