import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { RoomUpgrade } from '../../../services/rooms/room-upgrade.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/upgrade` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidupgrade */
export const upgradeRoom = endpoint({
  name: 'upgradeRoom',
  summary: 'Replaces a room by one of another version',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/upgrade', '/_matrix/client/v3/rooms/{roomId}/upgrade'],
  auth: 'accessToken',
  rateLimit: 'roomCreation',
  body: Type.Object({
    new_version: Type.String(),
    additional_creators: Type.Optional(Type.Array(Type.String())),
  }),
  async handle({ params, body, requester }, { roomUpgrade }: { roomUpgrade: RoomUpgrade }) {
    const { new_version: version, additional_creators: creators = [] } = body;
    return { replacement_room: await roomUpgrade.upgrade(requester.userId, params.roomId, version, creators) };
  },
});
