import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { EventPresenter } from '../../../services/history/event-presenter.ts';
import type { RoomStates } from '../../../services/history/room-states.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidstateeventtypestatekey */
export const getRoomStateWithKey = endpoint({
  name: 'getRoomStateWithKey',
  summary: 'A piece of the state of a room',
  method: 'get',
  // An empty state key may be left out, with or without the slash before it.
  paths: [
    '/_matrix/client/r0/rooms/{roomId}/state/{eventType}',
    '/_matrix/client/r0/rooms/{roomId}/state/{eventType}/',
    '/_matrix/client/r0/rooms/{roomId}/state/{eventType}/{stateKey}',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
    '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({ format: Type.Optional(Type.Enum(['content', 'event'])) }),
  async handle(
    { params, query, requester },
    { roomStates, eventPresenter }: { roomStates: RoomStates; eventPresenter: EventPresenter },
  ) {
    const { roomId, eventType, stateKey } = params;
    const { event } = await roomStates.one(requester.userId, roomId, eventType, stateKey ?? '');
    return query.format === 'event' ? jsonText(eventPresenter.stateEventJson(requester, event)) : event.content;
  },
});
