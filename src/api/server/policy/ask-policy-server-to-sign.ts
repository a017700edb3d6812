import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { PolicyServer } from '../../../services/policy-server/policy-server.ts';

/** `POST /_matrix/policy/v1/sign` · https://spec.matrix.org/v1.19/server-server-api/#post_matrixpolicyv1sign */
export const askPolicyServerToSign = endpoint({
  name: 'askPolicyServerToSign',
  summary: 'Whether this server, as policy server of a room, recommends an event',
  method: 'post',
  paths: ['/_matrix/policy/v1/sign'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: jsonObject,
  handle: ({ body, requester }, { policyServer }: { policyServer: PolicyServer }) =>
    policyServer.sign(requester.serverName, body),
});
