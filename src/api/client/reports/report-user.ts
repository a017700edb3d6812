import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Reports } from '../../../services/moderation/reports.ts';

/** `POST /_matrix/client/v3/users/{userId}/report` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3usersuseridreport */
export const reportUser = endpoint({
  name: 'reportUser',
  summary: 'Tells the administrators of a user',
  method: 'post',
  paths: ['/_matrix/client/v3/users/{userId}/report'],
  auth: 'accessToken',
  rateLimit: 'message',
  body: Type.Object({ reason: Type.String() }),
  async handle({ params, body, requester }, { reports }: { reports: Reports }) {
    await reports.user(requester.userId, params.userId, body.reason);
    return {};
  },
});
