import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { missingParam } from '../../../protocol/errors.ts';
import type { AddressInvites } from '../../../services/membership/address-invites.ts';
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
  body: Type.Object({
    user_id: Type.Optional(userId),
    reason,
    medium: Type.Optional(Type.String()),
    address: Type.Optional(Type.String()),
    id_server: Type.Optional(Type.String()),
    id_access_token: Type.Optional(Type.String()),
  }),
  async handle({ params, body, requester }, services: { membership: Membership; addressInvites: AddressInvites }) {
    const { roomId } = params;
    if (body.user_id !== undefined) {
      await services.membership.invite(requester.userId, roomId, body.user_id, body.reason);
      return {};
    }
    const { address, id_access_token: accessToken, id_server: server, medium } = body;
    if (medium === undefined) throw missingParam('user_id is missing');
    if (address === undefined || server === undefined || accessToken === undefined) {
      throw missingParam('address, id_server or id_access_token is missing');
    }
    await services.addressInvites.invite(requester.userId, roomId, { server, accessToken }, { medium, address });
    return {};
  },
});
