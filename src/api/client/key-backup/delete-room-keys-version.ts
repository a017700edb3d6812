import { endpoint } from '../../../http/endpoint.ts';
import type { KeyBackups } from '../../../services/encryption/key-backups.ts';

/** `DELETE /_matrix/client/v3/room_keys/version/{version}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keysversionversion */
export const deleteRoomKeysVersion = endpoint({
  name: 'deleteRoomKeysVersion',
  summary: 'Deletes a key backup',
  method: 'delete',
  paths: [
    '/_matrix/client/r0/room_keys/version/{version}',
    '/_matrix/client/v3/room_keys/version/{version}',
    '/_matrix/client/unstable/room_keys/version/{version}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  async handle({ params, requester }, { keyBackups }: { keyBackups: KeyBackups }) {
    await keyBackups.delete(requester.userId, params.version);
    return {};
  },
});
