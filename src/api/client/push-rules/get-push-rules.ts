import { endpoint } from '../../../http/endpoint.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';

/** `GET /_matrix/client/v3/pushrules/` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrules */
export const getPushRules = endpoint({
  name: 'getPushRules',
  summary: 'All push rules of the user',
  method: 'get',
  paths: [
    '/_matrix/client/r0/pushrules/',
    '/_matrix/client/r0/pushrules',
    '/_matrix/client/v3/pushrules/',
    '/_matrix/client/v3/pushrules',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: ({ requester }, { pushRules }: { pushRules: PushRules }) => ({ global: pushRules.of(requester.userId) }),
});
