import { endpoint } from '../../../http/endpoint.ts';
import type { KeyBackups } from '../../../services/encryption/key-backups.ts';

/** `GET /_matrix/client/v3/room_keys/version/{version}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keysversionversion */
export const getRoomKeysVersion = endpoint({
  name: 'getRoomKeysVersion',
  summary: 'Describes a key backup',
  method: 'get',
  paths: [
    '/_matrix/client/r0/room_keys/version/{version}',
    '/_matrix/client/v3/room_keys/version/{version}',
    '/_matrix/client/unstable/room_keys/version/{version}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  handle({ params, requester }, { keyBackups }: { keyBackups: KeyBackups }) {
    return keyBackups.get(requester.userId, params.version);
  },
});
