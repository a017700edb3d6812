import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { SignedMembers } from '../../../services/membership/resident/signed-members.ts';

/** `PUT /_matrix/federation/v2/send_leave/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2send_leaveroomideventid */
export const sendLeaveV2 = endpoint({
  name: 'sendLeaveV2',
  summary: 'Takes the leave of a user of another server',
  method: 'put',
  paths: ['/_matrix/federation/v2/send_leave/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: jsonObject,
  async handle({ params, body, requester }, { signedMembers }: { signedMembers: SignedMembers }) {
    const { roomId, eventId } = params;
    const submitted = { origin: requester.serverName, roomId, eventId, event: body };
    await signedMembers.leave(submitted);
    return {};
  },
});
