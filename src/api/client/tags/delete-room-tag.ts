import { endpoint } from '../../../http/endpoint.ts';
import { AccountData } from '../../../services/account-data/account-data.ts';
import type { Tags } from '../../../services/account-data/tags.ts';

/** `DELETE /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3useruseridroomsroomidtagstag */
export const deleteRoomTag = endpoint({
  name: 'deleteRoomTag',
  summary: 'Takes a tag off a room',
  method: 'delete',
  paths: [
    '/_matrix/client/r0/user/{userId}/rooms/{roomId}/tags/{tag}',
    '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  async handle({ params, requester }, { tags }: { tags: Tags }) {
    AccountData.checkOwner(requester.userId, params.userId);
    await tags.remove(params.userId, params.roomId, params.tag);
    return {};
  },
});
