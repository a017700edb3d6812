import { endpoint } from '../../../http/endpoint.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';

/** `GET /_matrix/client/v3/pushrules/global/` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobal */
export const getPushRulesGlobal = endpoint({
  name: 'getPushRulesGlobal',
  summary: 'The global push rules of the user, which are all',
  method: 'get',
  paths: [
    '/_matrix/client/r0/pushrules/global/',
    '/_matrix/client/r0/pushrules/global',
    '/_matrix/client/v3/pushrules/global/',
    '/_matrix/client/v3/pushrules/global',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: ({ requester }, { pushRules }: { pushRules: PushRules }) => pushRules.of(requester.userId),
});
