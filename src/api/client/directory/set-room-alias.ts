import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { RoomAliases } from '../../../services/rooms/room-aliases.ts';

/** `PUT /_matrix/client/v3/directory/room/{roomAlias}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3directoryroomroomalias */
export const setRoomAlias = endpoint({
  name: 'setRoomAlias',
  summary: 'Gives a room an alias',
  method: 'put',
  paths: ['/_matrix/client/r0/directory/room/{roomAlias}', '/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'accessToken',
  rateLimit: 'general',
  body: Type.Object({ room_id: Type.String() }),
  async handle({ params, body, requester }, { roomAliases }: { roomAliases: RoomAliases }) {
    await roomAliases.create(requester, params.roomAlias, body.room_id);
    return {};
  },
});
