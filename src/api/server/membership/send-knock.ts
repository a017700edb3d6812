import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { SignedMembers } from '../../../services/membership/resident/signed-members.ts';

/** `PUT /_matrix/federation/v1/send_knock/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv1send_knockroomideventid */
export const sendKnock = endpoint({
  name: 'sendKnock',
  summary: 'Takes the knock of a user of another server',
  method: 'put',
  paths: ['/_matrix/federation/v1/send_knock/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: jsonObject,
  async handle({ params, body, requester }, { signedMembers }: { signedMembers: SignedMembers }) {
    const { roomId, eventId } = params;
    const submitted = { origin: requester.serverName, roomId, eventId, event: body };
    return { knock_room_state: await signedMembers.knock(submitted) };
  },
});
