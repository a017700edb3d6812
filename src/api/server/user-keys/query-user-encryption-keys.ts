import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { KeysForServers } from '../../../services/encryption/keys-for-servers.ts';

/** `POST /_matrix/federation/v1/user/keys/query` · https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1userkeysquery */
export const queryUserEncryptionKeys = endpoint({
  name: 'queryUserEncryptionKeys',
  summary: 'Keys of devices and cross-signing keys of users of this server, for another one',
  method: 'post',
  paths: ['/_matrix/federation/v1/user/keys/query'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: Type.Object({ device_keys: Type.Record(Type.String(), Type.Array(Type.String())) }),
  handle: ({ body }, { keysForServers }: { keysForServers: KeysForServers }) => keysForServers.query(body.device_keys),
});
