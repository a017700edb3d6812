import { endpoint } from '../../../http/endpoint.ts';
import type { MemberTemplates } from '../../../services/membership/resident/member-templates.ts';

/** `GET /_matrix/federation/v1/make_leave/{roomId}/{userId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1make_leaveroomiduserid */
export const makeLeave = endpoint({
  name: 'makeLeave',
  summary: 'A template of the event by which a user of another server leaves',
  method: 'get',
  paths: ['/_matrix/federation/v1/make_leave/{roomId}/{userId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  async handle({ params, requester }, { memberTemplates }: { memberTemplates: MemberTemplates }) {
    const { roomId, userId } = params;
    return memberTemplates.leave({ origin: requester.serverName, roomId, userId });
  },
});
