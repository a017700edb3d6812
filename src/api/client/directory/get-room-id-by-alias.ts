import { endpoint } from '../../../http/endpoint.ts';
import type { RoomAliases } from '../../../services/rooms/room-aliases.ts';

/** `GET /_matrix/client/v3/directory/room/{roomAlias}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3directoryroomroomalias */
export const getRoomIdByAlias = endpoint({
  name: 'getRoomIdByAlias',
  summary: 'The room that an alias stands for',
  method: 'get',
  paths: ['/_matrix/client/r0/directory/room/{roomAlias}', '/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'none',
  rateLimit: 'general',
  async handle({ params }, { roomAliases }: { roomAliases: RoomAliases }) {
    return roomAliases.find(params.roomAlias);
  },
});
