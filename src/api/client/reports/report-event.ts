import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Reports } from '../../../services/moderation/reports.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/report/{eventId}` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidreporteventid */
export const reportEvent = endpoint({
  name: 'reportEvent',
  summary: 'Tells the administrators of an event',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/report/{eventId}', '/_matrix/client/v3/rooms/{roomId}/report/{eventId}'],
  auth: 'accessToken',
  rateLimit: 'message',
  body: Type.Object({ reason: Type.Optional(Type.String()) }),
  async handle({ params, body, requester }, { reports }: { reports: Reports }) {
    await reports.event(requester.userId, params.roomId, params.eventId, body.reason ?? '');
    return {};
  },
});
