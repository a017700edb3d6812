import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { KeysForServers } from '../../../services/encryption/keys-for-servers.ts';

/** `POST /_matrix/federation/v1/user/keys/claim` · https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1userkeysclaim */
export const claimUserEncryptionKeys = endpoint({
  name: 'claimUserEncryptionKeys',
  summary: 'Takes one-time keys of devices of this server, for another one',
  method: 'post',
  paths: ['/_matrix/federation/v1/user/keys/claim'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: Type.Object({ one_time_keys: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())) }),
  handle: ({ body }, { keysForServers }: { keysForServers: KeysForServers }) =>
    keysForServers.claim(body.one_time_keys),
});
