import { endpoint } from '../../../http/endpoint.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { reasonBody, viaOf, viaQuery } from './bodies.ts';

/** `POST /_matrix/client/v3/knock/{roomIdOrAlias}` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3knockroomidoralias */
export const knockRoom = endpoint({
  name: 'knockRoom',
  summary: 'Asks to be let into a room',
  method: 'post',
  paths: [
    '/_matrix/client/r0/knock/{roomIdOrAlias}',
    '/_matrix/client/v3/knock/{roomIdOrAlias}',
    '/_matrix/client/unstable/xyz.amorgan.knock/knock/{roomIdOrAlias}',
  ],
  auth: 'accessToken',
  rateLimit: 'join',
  query: viaQuery,
  body: reasonBody,
  async handle({ params, query, body, requester }, { membership }: { membership: Membership }) {
    const { roomId, via } = await membership.find(params.roomIdOrAlias, viaOf(query));
    await membership.knock(requester.userId, roomId, { reason: body.reason, via });
    return { room_id: roomId };
  },
});
