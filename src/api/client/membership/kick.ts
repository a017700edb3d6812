import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { reason, userId } from './bodies.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/kick` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidkick */
export const kick = endpoint({
  name: 'kick',
  summary: 'Removes a user from a room',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/kick', '/_matrix/client/v3/rooms/{roomId}/kick'],
  auth: 'accessToken',
  rateLimit: 'message',
  body: Type.Object({ user_id: userId, reason }),
  async handle({ params, body, requester }, { membership }: { membership: Membership }) {
    await membership.kick(requester.userId, params.roomId, body.user_id, body.reason);
    return {};
  },
});
