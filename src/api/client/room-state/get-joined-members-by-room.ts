import { endpoint } from '../../../http/endpoint.ts';
import type { RoomStates } from '../../../services/history/room-states.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/joined_members` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidjoined_members */
export const getJoinedMembersByRoom = endpoint({
  name: 'getJoinedMembersByRoom',
  summary: 'Names and avatars of those who are in a room',
  method: 'get',
  paths: ['/_matrix/client/r0/rooms/{roomId}/joined_members', '/_matrix/client/v3/rooms/{roomId}/joined_members'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ params, requester }, { roomStates }: { roomStates: RoomStates }) {
    return { joined: await roomStates.joinedMembers(requester.userId, params.roomId) };
  },
});
