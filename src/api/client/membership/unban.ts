import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { reason, userId } from './bodies.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/unban` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidunban */
export const unban = endpoint({
  name: 'unban',
  summary: 'Lifts a ban',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/unban', '/_matrix/client/v3/rooms/{roomId}/unban'],
  auth: 'accessToken',
  rateLimit: 'message',
  body: Type.Object({ user_id: userId, reason }),
  async handle({ params, body, requester }, { membership }: { membership: Membership }) {
    await membership.unban(requester.userId, params.roomId, body.user_id, body.reason);
    return {};
  },
});
