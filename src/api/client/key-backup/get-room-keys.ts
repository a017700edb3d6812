import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { BackedUpKeys } from '../../../services/encryption/backed-up-keys.ts';
import { keysReply } from './keys-reply.ts';

/** `GET /_matrix/client/v3/room_keys/keys` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keyskeys */
export const getRoomKeys = endpoint({
  name: 'getRoomKeys',
  summary: 'Reads the keys from the backup',
  method: 'get',
  paths: [
    '/_matrix/client/r0/room_keys/keys',
    '/_matrix/client/v3/room_keys/keys',
    '/_matrix/client/unstable/room_keys/keys',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  query: Type.Object({ version: Type.String() }),
  async handle({ query, requester }, { backedUpKeys }: { backedUpKeys: BackedUpKeys }) {
    return keysReply(await backedUpKeys.get(requester.userId, query.version, {}));
  },
});
