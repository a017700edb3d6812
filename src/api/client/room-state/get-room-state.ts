import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { EventPresenter } from '../../../services/history/event-presenter.ts';
import type { RoomStates } from '../../../services/history/room-states.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/state` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidstate */
export const getRoomState = endpoint({
  name: 'getRoomState',
  summary: 'The whole state of a room',
  method: 'get',
  paths: ['/_matrix/client/r0/rooms/{roomId}/state', '/_matrix/client/v3/rooms/{roomId}/state'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle(
    { params, requester },
    { roomStates, eventPresenter }: { roomStates: RoomStates; eventPresenter: EventPresenter },
  ) {
    const { events } = await roomStates.whole(requester.userId, params.roomId);
    return jsonText(eventPresenter.stateJson(requester, events));
  },
});
