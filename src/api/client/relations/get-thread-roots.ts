import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { ThreadList } from '../../../services/relations/thread-list.ts';

/** `GET /_matrix/client/v1/rooms/{roomId}/threads` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidthreads */
export const getThreadRoots = endpoint({
  name: 'getThreadRoots',
  summary: 'The threads of a room',
  method: 'get',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/threads',
    '/_matrix/client/unstable/org.matrix.msc3856/rooms/{roomId}/threads',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({
    include: Type.Enum(['all', 'participated'], { default: 'all' }),
    limit: Type.Integer({ minimum: 1, default: 20 }),
    from: Type.Optional(Type.String()),
  }),
  async handle({ params, query, requester }, { threadList }: { threadList: ThreadList }) {
    return jsonText(await threadList.page(requester, params.roomId, query));
  },
});
