import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { NotificationList } from '../../../services/push/notification-list.ts';

/** `GET /_matrix/client/v3/notifications` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3notifications */
export const getNotifications = endpoint({
  name: 'getNotifications',
  summary: 'What the user was notified of',
  method: 'get',
  paths: ['/_matrix/client/r0/notifications', '/_matrix/client/v3/notifications'],
  auth: 'accessToken',
  rateLimit: 'general',
  query: Type.Object({
    from: Type.Optional(Type.String()),
    limit: Type.Integer({ minimum: 0, default: 50 }),
    only: Type.Optional(Type.String()),
  }),
  async handle({ query, requester }, { notificationList }: { notificationList: NotificationList }) {
    const { from, limit, only } = query;
    return jsonText(await notificationList.page(requester, { from, limit, onlyHighlights: only === 'highlight' }));
  },
});
