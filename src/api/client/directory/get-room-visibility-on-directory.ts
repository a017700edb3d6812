import { endpoint } from '../../../http/endpoint.ts';
import type { PublicRooms } from '../../../services/directory/public-rooms.ts';

/** `GET /_matrix/client/v3/directory/list/room/{roomId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3directorylistroomroomid */
export const getRoomVisibilityOnDirectory = endpoint({
  name: 'getRoomVisibilityOnDirectory',
  summary: 'Whether a room is published',
  method: 'get',
  paths: ['/_matrix/client/r0/directory/list/room/{roomId}', '/_matrix/client/v3/directory/list/room/{roomId}'],
  auth: 'none',
  rateLimit: 'general',
  async handle({ params }, { publicRooms }: { publicRooms: PublicRooms }) {
    return { visibility: (await publicRooms.isPublished(params.roomId)) ? 'public' : 'private' };
  },
});
