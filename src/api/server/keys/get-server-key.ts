import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import type { ServerKeys } from '../../../services/server-keys/server-keys.ts';

/** `GET /_matrix/key/v2/server` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixkeyv2server */
export const getServerKey = endpoint({
  name: 'getServerKey',
  summary: 'The signing keys of this server',
  method: 'get',
  paths: ['/_matrix/key/v2/server'],
  auth: 'none',
  rateLimit: false,
  // In the form that was signed, for those who verify it without parsing.
  handle: (_, { serverKeys }: { serverKeys: ServerKeys }) => jsonText(canonicalJson(serverKeys.own())),
});
