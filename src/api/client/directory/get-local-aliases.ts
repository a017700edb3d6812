import { endpoint } from '../../../http/endpoint.ts';
import type { RoomAliases } from '../../../services/rooms/room-aliases.ts';

/** `GET /_matrix/client/v3/rooms/{roomId}/aliases` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidaliases */
export const getLocalAliases = endpoint({
  name: 'getLocalAliases',
  summary: 'The aliases that a room has here',
  method: 'get',
  paths: [
    '/_matrix/client/r0/rooms/{roomId}/aliases',
    '/_matrix/client/v3/rooms/{roomId}/aliases',
    '/_matrix/client/unstable/org.matrix.msc2432/rooms/{roomId}/aliases',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ params, requester }, { roomAliases }: { roomAliases: RoomAliases }) {
    return { aliases: await roomAliases.ofRoom(requester, params.roomId) };
  },
});
