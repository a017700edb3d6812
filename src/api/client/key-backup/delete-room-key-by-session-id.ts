import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { BackedUpKeys } from '../../../services/encryption/backed-up-keys.ts';

/** `DELETE /_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keyskeysroomidsessionid */
export const deleteRoomKeyBySessionId = endpoint({
  name: 'deleteRoomKeyBySessionId',
  summary: 'Removes the key of a session from the backup',
  method: 'delete',
  paths: [
    '/_matrix/client/r0/room_keys/keys/{roomId}/{sessionId}',
    '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    '/_matrix/client/unstable/room_keys/keys/{roomId}/{sessionId}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  query: Type.Object({ version: Type.String() }),
  handle({ params, query, requester }, { backedUpKeys }: { backedUpKeys: BackedUpKeys }) {
    return backedUpKeys.delete(requester.userId, query.version, params);
  },
});
