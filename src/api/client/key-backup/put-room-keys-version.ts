import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import { invalidParam } from '../../../protocol/errors.ts';
import type { KeyBackups } from '../../../services/encryption/key-backups.ts';

/** `PUT /_matrix/client/v3/room_keys/version/{version}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keysversionversion */
export const putRoomKeysVersion = endpoint({
  name: 'putRoomKeysVersion',
  summary: 'Changes the data of a key backup',
  method: 'put',
  paths: [
    '/_matrix/client/r0/room_keys/version/{version}',
    '/_matrix/client/v3/room_keys/version/{version}',
    '/_matrix/client/unstable/room_keys/version/{version}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  body: Type.Object({ algorithm: Type.String(), auth_data: jsonObject, version: Type.Optional(Type.String()) }),
  async handle({ params, body, requester }, { keyBackups }: { keyBackups: KeyBackups }) {
    if (body.version !== undefined && body.version !== params.version) {
      throw invalidParam('The version in the body is not that of the path');
    }
    await keyBackups.update(requester.userId, params.version, body.algorithm, body.auth_data);
    return {};
  },
});
