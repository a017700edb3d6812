import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { BackedUpKeys } from '../../../services/encryption/backed-up-keys.ts';
import { MAX_BODY, roomBackup } from './schemas.ts';

/** `PUT /_matrix/client/v3/room_keys/keys` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keyskeys */
export const putRoomKeys = endpoint({
  name: 'putRoomKeys',
  summary: 'Stores the keys in the backup',
  method: 'put',
  paths: [
    '/_matrix/client/r0/room_keys/keys',
    '/_matrix/client/v3/room_keys/keys',
    '/_matrix/client/unstable/room_keys/keys',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  query: Type.Object({ version: Type.String() }),
  maxBody: MAX_BODY,
  body: Type.Object({ rooms: Type.Record(Type.String(), roomBackup) }),
  handle({ query, body, requester }, { backedUpKeys }: { backedUpKeys: BackedUpKeys }) {
    return backedUpKeys.put(requester.userId, query.version, body.rooms);
  },
});
