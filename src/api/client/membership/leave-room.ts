import { endpoint } from '../../../http/endpoint.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { reasonBody } from './bodies.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/leave` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidleave */
export const leaveRoom = endpoint({
  name: 'leaveRoom',
  summary: 'Leaves a room, rejects an invite or takes back a knock',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/leave', '/_matrix/client/v3/rooms/{roomId}/leave'],
  auth: 'accessToken',
  rateLimit: 'message',
  allow: { guests: true, suspended: true },
  body: reasonBody,
  async handle({ params, body, requester }, { membership }: { membership: Membership }) {
    await membership.leave(requester.userId, params.roomId, body.reason);
    return {};
  },
});
