import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { SignedMembers } from '../../../services/membership/resident/signed-members.ts';

/** `PUT /_matrix/federation/v1/send_leave/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv1send_leaveroomideventid */
export const sendLeaveV1 = endpoint({
  name: 'sendLeaveV1',
  summary: 'Takes the leave of a user of another server, and answers as old servers expect it',
  extension: 'what servers ask that do not know version 2',
  method: 'put',
  paths: ['/_matrix/federation/v1/send_leave/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: jsonObject,
  async handle({ params, body, requester }, { signedMembers }: { signedMembers: SignedMembers }) {
    const { roomId, eventId } = params;
    const submitted = { origin: requester.serverName, roomId, eventId, event: body };
    await signedMembers.leave(submitted);
    return [200, {}];
  },
});
