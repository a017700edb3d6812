import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { Filters } from '../../../services/filters/filters.ts';
import type { Messages } from '../../../services/history/messages.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/messages` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmessages */
export const getRoomEvents = endpoint({
  name: 'getRoomEvents',
  summary: 'A page of the history of a room',
  method: 'get',
  paths: ['/_matrix/client/r0/rooms/{roomId}/messages', '/_matrix/client/v3/rooms/{roomId}/messages'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({
    from: Type.Optional(Type.String()),
    to: Type.Optional(Type.String()),
    dir: Type.Optional(Type.Enum(['b', 'f'])),
    limit: Type.Integer({ minimum: 0, default: 10 }),
    filter: Type.Optional(Type.String()),
  }),
  async handle(
    { params, query, requester },
    { messages, filters }: { messages: Messages; filters: Pick<Filters, 'resolveRoomEvents'> },
  ) {
    const request = { ...query, filter: filters.resolveRoomEvents(query.filter) };
    return jsonText(await messages.page(requester, params.roomId, request));
  },
});
