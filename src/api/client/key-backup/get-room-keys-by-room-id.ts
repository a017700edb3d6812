import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { BackedUpKeys } from '../../../services/encryption/backed-up-keys.ts';
import { keysReply } from './keys-reply.ts';

/** `GET /_matrix/client/v3/room_keys/keys/{roomId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keyskeysroomid */
export const getRoomKeysByRoomId = endpoint({
  name: 'getRoomKeysByRoomId',
  summary: 'Reads the keys of a room from the backup',
  method: 'get',
  paths: [
    '/_matrix/client/r0/room_keys/keys/{roomId}',
    '/_matrix/client/v3/room_keys/keys/{roomId}',
    '/_matrix/client/unstable/room_keys/keys/{roomId}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  query: Type.Object({ version: Type.String() }),
  async handle({ params, query, requester }, { backedUpKeys }: { backedUpKeys: BackedUpKeys }) {
    return keysReply(await backedUpKeys.get(requester.userId, query.version, { roomId: params.roomId }));
  },
});
