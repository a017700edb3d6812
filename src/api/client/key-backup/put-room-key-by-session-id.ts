import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { BackedUpKeys } from '../../../services/encryption/backed-up-keys.ts';
import { keyBackupData, MAX_BODY } from './schemas.ts';

/** `PUT /_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keyskeysroomidsessionid */
export const putRoomKeyBySessionId = endpoint({
  name: 'putRoomKeyBySessionId',
  summary: 'Stores the key of a session in the backup',
  method: 'put',
  paths: [
    '/_matrix/client/r0/room_keys/keys/{roomId}/{sessionId}',
    '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    '/_matrix/client/unstable/room_keys/keys/{roomId}/{sessionId}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  query: Type.Object({ version: Type.String() }),
  maxBody: MAX_BODY,
  body: keyBackupData,
  handle({ params, query, body, requester }, { backedUpKeys }: { backedUpKeys: BackedUpKeys }) {
    return backedUpKeys.put(requester.userId, query.version, {
      [params.roomId]: { sessions: { [params.sessionId]: body } },
    });
  },
});
