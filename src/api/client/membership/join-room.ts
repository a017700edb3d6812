import { endpoint } from '../../../http/endpoint.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { reasonBody, viaOf, viaQuery } from './bodies.ts';

/** `POST /_matrix/client/v3/join/{roomIdOrAlias}` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3joinroomidoralias */
export const joinRoom = endpoint({
  name: 'joinRoom',
  summary: 'Joins a room by its id or alias',
  method: 'post',
  paths: ['/_matrix/client/r0/join/{roomIdOrAlias}', '/_matrix/client/v3/join/{roomIdOrAlias}'],
  auth: 'accessToken',
  rateLimit: 'join',
  allow: { guests: true },
  query: viaQuery,
  body: reasonBody,
  async handle({ params, query, body, requester }, { membership }: { membership: Membership }) {
    const { roomId, via } = await membership.find(params.roomIdOrAlias, viaOf(query));
    await membership.join(requester, roomId, { content: body, via });
    return { room_id: roomId };
  },
});
