import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { SignedMembers } from '../../../services/membership/resident/signed-members.ts';

/** `PUT /_matrix/federation/v1/send_join/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv1send_joinroomideventid */
export const sendJoinV1 = endpoint({
  name: 'sendJoinV1',
  summary: 'Takes the join of a user of another server, and answers as old servers expect it',
  extension: 'what servers ask that do not know version 2',
  method: 'put',
  paths: ['/_matrix/federation/v1/send_join/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: jsonObject,
  async handle({ params, body, requester }, { signedMembers }: { signedMembers: SignedMembers }) {
    const { roomId, eventId } = params;
    const submitted = { origin: requester.serverName, roomId, eventId, event: body };
    return jsonText(`[200,${await signedMembers.join(submitted, { omitMembers: false })}]`);
  },
});
