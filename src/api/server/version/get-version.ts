import { endpoint } from '../../../http/endpoint.ts';
import type { Discovery } from '../../../services/discovery/discovery.ts';

/** `GET /_matrix/federation/v1/version` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1version */
export const getVersion = endpoint({
  name: 'getVersion',
  summary: 'Name and version of this software',
  method: 'get',
  paths: ['/_matrix/federation/v1/version'],
  auth: 'none',
  rateLimit: false,
  handle: (_, { discovery }: { discovery: Discovery }) => ({ server: { name: 'iGChat', version: discovery.version } }),
});
