import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { invalidParam } from '../../../protocol/errors.ts';
import { isRoomId } from '../../../protocol/identifiers/room-id.ts';
import type { OldEventStream } from '../../../services/sync/old/old-event-stream.ts';

/** `GET /_matrix/client/v3/events`, with `room_id` too (`peekEvents`) · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3events */
export const getEvents = endpoint({
  name: 'getEvents',
  summary: 'Waits for events of all rooms of the user, or of one that anybody may look into',
  method: 'get',
  paths: ['/_matrix/client/r0/events', '/_matrix/client/v3/events'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  longPoll: true,
  query: Type.Object({
    from: Type.Optional(Type.String()),
    timeout: Type.Integer({ minimum: 0, default: 0 }),
    room_id: Type.Optional(Type.String()),
  }),
  handle({ query, requester, request }, { oldEventStream }: { oldEventStream: OldEventStream }) {
    const { timeout, room_id: roomId } = query;
    // Clients of old say by an empty token that they have none.
    const from = query.from === '' ? undefined : query.from;
    const asked = { from, timeout, whenOver: (callback: () => void) => request.whenOver(callback) };
    if (roomId === undefined) return oldEventStream.ofUser(requester.userId, asked);
    if (!isRoomId(roomId)) throw invalidParam('room_id is not a room id');
    return oldEventStream.ofRoom(requester, roomId, asked);
  },
});
