import { endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/reply.ts';
import { notFound } from '../../protocol/errors.ts';
import type { Discovery } from '../../services/discovery/discovery.ts';

const CACHEABLE = { 'Cache-Control': 'public, max-age=3600' };

/** `GET /.well-known/matrix/support` · https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixsupport */
export const getWellknownSupport = endpoint({
  name: 'getWellknownSupport',
  summary: 'Whom to ask for help',
  method: 'get',
  paths: ['/.well-known/matrix/support'],
  auth: 'none',
  rateLimit: false,
  handle(_, { discovery }: { discovery: Discovery }) {
    if (discovery.support === undefined) throw notFound();
    return json(200, discovery.support, CACHEABLE);
  },
});
