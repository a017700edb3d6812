import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { EventPresenter } from '../../../services/history/event-presenter.ts';
import type { RoomStates } from '../../../services/history/room-states.ts';

const membership = Type.Optional(Type.Enum(['join', 'invite', 'knock', 'leave', 'ban']));

/** `GET /_matrix/client/v3/rooms/{roomId}/members` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmembers */
export const getMembersByRoom = endpoint({
  name: 'getMembersByRoom',
  summary: 'The members of a room',
  method: 'get',
  paths: ['/_matrix/client/r0/rooms/{roomId}/members', '/_matrix/client/v3/rooms/{roomId}/members'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({ at: Type.Optional(Type.String()), membership, not_membership: membership }),
  async handle(
    { params, query, requester },
    { roomStates, eventPresenter }: { roomStates: RoomStates; eventPresenter: EventPresenter },
  ) {
    const choice = { at: query.at, membership: query.membership, notMembership: query.not_membership };
    const { events } = await roomStates.members(requester.userId, params.roomId, choice);
    return jsonText(`{"chunk":${eventPresenter.stateJson(requester, events)}}`);
  },
});
