import { endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/reply.ts';
import { notFound } from '../../protocol/errors.ts';
import type { Discovery } from '../../services/discovery/discovery.ts';

const CACHEABLE = { 'Cache-Control': 'public, max-age=3600' };

/** `GET /.well-known/matrix/server` · https://spec.matrix.org/v1.19/server-server-api/#getwell-knownmatrixserver */
export const getWellKnown = endpoint({
  name: 'getWellKnown',
  summary: 'Where other servers find this server',
  method: 'get',
  paths: ['/.well-known/matrix/server'],
  auth: 'none',
  rateLimit: false,
  handle(_, { discovery }: { discovery: Discovery }) {
    if (discovery.server === undefined) throw notFound();
    return json(200, discovery.server, CACHEABLE);
  },
});
