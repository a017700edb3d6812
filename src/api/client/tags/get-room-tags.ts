import { endpoint } from '../../../http/endpoint.ts';
import { AccountData } from '../../../services/account-data/account-data.ts';
import type { Tags } from '../../../services/account-data/tags.ts';

/** `GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3useruseridroomsroomidtags */
export const getRoomTags = endpoint({
  name: 'getRoomTags',
  summary: 'The tags that the user has put on a room',
  method: 'get',
  paths: [
    '/_matrix/client/r0/user/{userId}/rooms/{roomId}/tags',
    '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle({ params, requester }, { tags }: { tags: Tags }) {
    AccountData.checkOwner(requester.userId, params.userId);
    return tags.of(params.userId, params.roomId);
  },
});
