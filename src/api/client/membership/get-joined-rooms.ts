import { endpoint } from '../../../http/endpoint.ts';
import type { Membership } from '../../../services/membership/membership.ts';

/** `GET /_matrix/client/v3/joined_rooms` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3joined_rooms */
export const getJoinedRooms = endpoint({
  name: 'getJoinedRooms',
  summary: 'The rooms that the user is in',
  method: 'get',
  paths: ['/_matrix/client/r0/joined_rooms', '/_matrix/client/v3/joined_rooms'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ requester }, { membership }: { membership: Membership }) {
    return { joined_rooms: await membership.joinedRooms(requester.userId) };
  },
});
