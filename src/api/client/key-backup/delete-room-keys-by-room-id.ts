import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { BackedUpKeys } from '../../../services/encryption/backed-up-keys.ts';

/** `DELETE /_matrix/client/v3/room_keys/keys/{roomId}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keyskeysroomid */
export const deleteRoomKeysByRoomId = endpoint({
  name: 'deleteRoomKeysByRoomId',
  summary: 'Removes the keys of a room from the backup',
  method: 'delete',
  paths: [
    '/_matrix/client/r0/room_keys/keys/{roomId}',
    '/_matrix/client/v3/room_keys/keys/{roomId}',
    '/_matrix/client/unstable/room_keys/keys/{roomId}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  query: Type.Object({ version: Type.String() }),
  handle({ params, query, requester }, { backedUpKeys }: { backedUpKeys: BackedUpKeys }) {
    return backedUpKeys.delete(requester.userId, query.version, { roomId: params.roomId });
  },
});
