import { endpoint } from '../../../http/endpoint.ts';
import type { KeyBackups } from '../../../services/encryption/key-backups.ts';

/** `GET /_matrix/client/v3/room_keys/version` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keysversion */
export const getRoomKeysVersionCurrent = endpoint({
  name: 'getRoomKeysVersionCurrent',
  summary: 'Describes the current key backup',
  method: 'get',
  paths: [
    '/_matrix/client/r0/room_keys/version',
    '/_matrix/client/v3/room_keys/version',
    '/_matrix/client/unstable/room_keys/version',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  handle({ requester }, { keyBackups }: { keyBackups: KeyBackups }) {
    return keyBackups.current(requester.userId);
  },
});
