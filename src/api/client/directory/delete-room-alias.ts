import { endpoint } from '../../../http/endpoint.ts';
import type { RoomAliases } from '../../../services/rooms/room-aliases.ts';

/** `DELETE /_matrix/client/v3/directory/room/{roomAlias}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3directoryroomroomalias */
export const deleteRoomAlias = endpoint({
  name: 'deleteRoomAlias',
  summary: 'Takes an alias away',
  method: 'delete',
  paths: ['/_matrix/client/r0/directory/room/{roomAlias}', '/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'accessToken',
  rateLimit: 'general',
  async handle({ params, requester }, { roomAliases }: { roomAliases: RoomAliases }) {
    await roomAliases.delete(requester, params.roomAlias);
    return {};
  },
});
