import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { MemberTemplates } from '../../../services/membership/resident/member-templates.ts';

/** `GET /_matrix/federation/v1/make_knock/{roomId}/{userId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1make_knockroomiduserid */
export const makeKnock = endpoint({
  name: 'makeKnock',
  summary: 'A template of the event by which a user of another server knocks',
  method: 'get',
  paths: ['/_matrix/federation/v1/make_knock/{roomId}/{userId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ ver: Type.Optional(Type.Array(Type.String())) }),
  async handle({ params, query, requester }, { memberTemplates }: { memberTemplates: MemberTemplates }) {
    const { roomId, userId } = params;
    return memberTemplates.knock({ origin: requester.serverName, roomId, userId }, query.ver ?? ['1']);
  },
});
