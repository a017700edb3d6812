import { endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/reply.ts';
import type { Discovery } from '../../services/discovery/discovery.ts';

const CACHEABLE = { 'Cache-Control': 'public, max-age=3600' };

/** `GET /.well-known/matrix/client` · https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixclient */
export const getWellknown = endpoint({
  name: 'getWellknown',
  summary: 'Where clients find this server',
  method: 'get',
  paths: ['/.well-known/matrix/client'],
  auth: 'none',
  rateLimit: false,
  handle(_, { discovery }: { discovery: Discovery }) {
    return json(200, discovery.client, CACHEABLE);
  },
});
