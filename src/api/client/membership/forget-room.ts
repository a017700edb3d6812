import { endpoint } from '../../../http/endpoint.ts';
import { ignoredBody } from '../../../http/schemas.ts';
import type { Membership } from '../../../services/membership/membership.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/forget` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidforget */
export const forgetRoom = endpoint({
  name: 'forgetRoom',
  summary: 'Takes a room that was left out of the history of the user',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/forget', '/_matrix/client/v3/rooms/{roomId}/forget'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  body: ignoredBody,
  async handle({ params, requester }, { membership }: { membership: Membership }) {
    await membership.forget(requester.userId, params.roomId);
    return {};
  },
});
