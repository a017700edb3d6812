import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { PublicRooms } from '../../../services/directory/public-rooms.ts';

/** `PUT /_matrix/client/v3/directory/list/room/{roomId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3directorylistroomroomid */
export const setRoomVisibilityOnDirectory = endpoint({
  name: 'setRoomVisibilityOnDirectory',
  summary: 'Publishes a room, or no longer',
  method: 'put',
  paths: ['/_matrix/client/r0/directory/list/room/{roomId}', '/_matrix/client/v3/directory/list/room/{roomId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  body: Type.Object({ visibility: Type.Optional(Type.Enum(['public', 'private'])) }),
  async handle({ params, body, requester }, { publicRooms }: { publicRooms: PublicRooms }) {
    await publicRooms.setPublished(requester, params.roomId, body.visibility !== 'private');
    return {};
  },
});
