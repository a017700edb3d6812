import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { invalidParam } from '../../../protocol/errors.ts';
import { isUserId } from '../../../protocol/identifiers/user-id.ts';
import type { MutualRooms } from '../../../services/membership/mutual-rooms.ts';

/** `GET /_matrix/client/v1/mutual_rooms` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mutual_rooms */
export const getMutualRooms = endpoint({
  name: 'getMutualRooms',
  summary: 'The rooms that the user shares with another',
  method: 'get',
  // Clients that learnt of it from the proposal ask below `user`.
  paths: [
    '/_matrix/client/v1/mutual_rooms',
    '/_matrix/client/v1/user/mutual_rooms',
    '/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  query: Type.Object({ user_id: Type.String(), from: Type.Optional(Type.String()) }),
  async handle({ query, requester }, { mutualRooms }: { mutualRooms: MutualRooms }) {
    const { user_id: other, from } = query;
    if (!isUserId(other) || other === requester.userId) throw invalidParam('user_id is not the id of another user');
    // All rooms come at once: there is no second page.
    if (from !== undefined) throw invalidParam('from is not a token of this server');
    const joined = await mutualRooms.of(requester.userId, other);
    return { joined, count: joined.length };
  },
});
