import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { BackedUpKeys } from '../../../services/encryption/backed-up-keys.ts';

/** `DELETE /_matrix/client/v3/room_keys/keys` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keyskeys */
export const deleteRoomKeys = endpoint({
  name: 'deleteRoomKeys',
  summary: 'Removes the keys from the backup',
  method: 'delete',
  paths: [
    '/_matrix/client/r0/room_keys/keys',
    '/_matrix/client/v3/room_keys/keys',
    '/_matrix/client/unstable/room_keys/keys',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  query: Type.Object({ version: Type.String() }),
  handle({ query, requester }, { backedUpKeys }: { backedUpKeys: BackedUpKeys }) {
    return backedUpKeys.delete(requester.userId, query.version, {});
  },
});
