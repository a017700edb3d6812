import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { KeyBackups } from '../../../services/encryption/key-backups.ts';

/** `POST /_matrix/client/v3/room_keys/version` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3room_keysversion */
export const postRoomKeysVersion = endpoint({
  name: 'postRoomKeysVersion',
  summary: 'Begins a new key backup',
  method: 'post',
  paths: [
    '/_matrix/client/r0/room_keys/version',
    '/_matrix/client/v3/room_keys/version',
    '/_matrix/client/unstable/room_keys/version',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  body: Type.Object({ algorithm: Type.String(), auth_data: jsonObject }),
  async handle({ body, requester }, { keyBackups }: { keyBackups: KeyBackups }) {
    return { version: await keyBackups.create(requester.userId, body.algorithm, body.auth_data) };
  },
});
