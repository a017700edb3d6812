import { endpoint } from '../../../http/endpoint.ts';
import { optionalJsonObject } from '../../../http/schemas.ts';
import { AccountData } from '../../../services/account-data/account-data.ts';
import type { Tags } from '../../../services/account-data/tags.ts';

/** `PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3useruseridroomsroomidtagstag */
export const setRoomTag = endpoint({
  name: 'setRoomTag',
  summary: 'Puts a tag on a room',
  method: 'put',
  paths: [
    '/_matrix/client/r0/user/{userId}/rooms/{roomId}/tags/{tag}',
    '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  body: optionalJsonObject,
  async handle({ params, body, requester }, { tags }: { tags: Tags }) {
    AccountData.checkOwner(requester.userId, params.userId);
    await tags.set(params.userId, params.roomId, params.tag, body);
    return {};
  },
});
