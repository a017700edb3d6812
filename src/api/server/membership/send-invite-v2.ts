import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject, jsonValue } from '../../../http/schemas.ts';
import type { ReceivedInvites } from '../../../services/membership/remote/received-invites.ts';

/** `PUT /_matrix/federation/v2/invite/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2inviteroomideventid */
export const sendInviteV2 = endpoint({
  name: 'sendInviteV2',
  summary: 'Invites a user of this server to a room',
  method: 'put',
  paths: ['/_matrix/federation/v2/invite/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: Type.Object({
    room_version: Type.String(),
    event: jsonObject,
    invite_room_state: Type.Optional(Type.Array(jsonValue)),
  }),
  async handle({ params, body, requester }, { receivedInvites }: { receivedInvites: ReceivedInvites }) {
    const { roomId, eventId } = params;
    const sent = { version: body.room_version, event: body.event, roomState: body.invite_room_state };
    return { event: await receivedInvites.accept({ origin: requester.serverName, roomId, eventId, ...sent }) };
  },
});
