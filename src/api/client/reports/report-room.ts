import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Reports } from '../../../services/moderation/reports.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/report` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidreport */
export const reportRoom = endpoint({
  name: 'reportRoom',
  summary: 'Tells the administrators of a room',
  method: 'post',
  paths: [
    '/_matrix/client/v3/rooms/{roomId}/report',
    '/_matrix/client/unstable/org.matrix.msc4151/rooms/{roomId}/report',
  ],
  auth: 'accessToken',
  rateLimit: 'message',
  body: Type.Object({ reason: Type.String() }),
  async handle({ params, body, requester }, { reports }: { reports: Reports }) {
    await reports.room(requester.userId, params.roomId, body.reason);
    return {};
  },
});
