import { endpoint } from '../../../http/endpoint.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { reasonBody } from './bodies.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/join` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidjoin */
export const joinRoomById = endpoint({
  name: 'joinRoomById',
  summary: 'Joins a room',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/join', '/_matrix/client/v3/rooms/{roomId}/join'],
  auth: 'accessToken',
  rateLimit: 'join',
  allow: { guests: true },
  body: reasonBody,
  async handle({ params, body, requester }, { membership }: { membership: Membership }) {
    await membership.join(requester, params.roomId, { content: body });
    return { room_id: params.roomId };
  },
});
