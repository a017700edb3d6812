import { endpoint } from '../../../http/endpoint.ts';
import type { KeysForServers } from '../../../services/encryption/keys-for-servers.ts';

/** `GET /_matrix/federation/v1/user/devices/{userId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1userdevicesuserid */
export const getUserDevices = endpoint({
  name: 'getUserDevices',
  summary: 'The devices of a user of this server, with their keys',
  method: 'get',
  paths: ['/_matrix/federation/v1/user/devices/{userId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  handle: ({ params }, { keysForServers }: { keysForServers: KeysForServers }) =>
    keysForServers.devicesOf(params.userId),
});
