import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { MatrixError, missingParam } from '../../../protocol/errors.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { reason, userId } from './bodies.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/invite` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidinvite */
export const inviteUser = endpoint({
  name: 'inviteUser',
  summary: 'Invites a user to a room',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/invite', '/_matrix/client/v3/rooms/{roomId}/invite'],
  auth: 'accessToken',
  rateLimit: 'invite',
  body: Type.Object({ user_id: Type.Optional(userId), medium: Type.Optional(Type.String()), reason }),
  async handle({ params, body, requester }, { membership }: { membership: Membership }) {
    if (body.user_id === undefined) {
      if (body.medium === undefined) throw missingParam('user_id is missing');
      throw new MatrixError('M_THREEPID_DENIED', 'People cannot be invited by e-mail address or telephone number here');
    }
    await membership.invite(requester.userId, params.roomId, body.user_id, body.reason);
    return {};
  },
});
