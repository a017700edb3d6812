import { endpoint } from '../../http/endpoint.ts';
import { notFound } from '../../protocol/errors.ts';
import type { PolicyServer } from '../../services/policy-server/policy-server.ts';

/** `GET /.well-known/matrix/policy_server` · https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixpolicy_server */
export const getWellknownPolicy = endpoint({
  name: 'getWellknownPolicy',
  summary: 'The key of this server as a policy server',
  method: 'get',
  paths: ['/.well-known/matrix/policy_server'],
  auth: 'none',
  rateLimit: 'general',
  handle(_, { policyServer }: { policyServer: PolicyServer }) {
    if (policyServer.publicKey === undefined) throw notFound('This is no policy server');
    return { public_keys: { ed25519: policyServer.publicKey } };
  },
});
