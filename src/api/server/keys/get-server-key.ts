import { endpoint } from '../../../http/endpoint.ts';
import type { ServerKeys } from '../../../services/server-keys/server-keys.ts';

/** `GET /_matrix/key/v2/server` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixkeyv2server */
export const getServerKey = endpoint({
  name: 'getServerKey',
  summary: 'The signing keys of this server',
  method: 'get',
  paths: ['/_matrix/key/v2/server'],
  auth: 'none',
  rateLimit: false,
  handle: (_, { serverKeys }: { serverKeys: ServerKeys }) => serverKeys.own(),
});
