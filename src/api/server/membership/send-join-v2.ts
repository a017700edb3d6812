import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { SignedMembers } from '../../../services/membership/resident/signed-members.ts';

/** `PUT /_matrix/federation/v2/send_join/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2send_joinroomideventid */
export const sendJoinV2 = endpoint({
  name: 'sendJoinV2',
  summary: 'Takes the join of a user of another server, and tells the state of the room',
  method: 'put',
  paths: ['/_matrix/federation/v2/send_join/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ omit_members: Type.Optional(Type.Boolean()) }),
  body: jsonObject,
  async handle({ params, query, body, requester }, { signedMembers }: { signedMembers: SignedMembers }) {
    const { roomId, eventId } = params;
    const submitted = { origin: requester.serverName, roomId, eventId, event: body };
    return jsonText(await signedMembers.join(submitted, { omitMembers: query.omit_members ?? false }));
  },
});
