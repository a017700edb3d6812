import { endpoint } from '../../../http/endpoint.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { kindOf, pushRuleParams } from './push-rule-params.ts';

/** `GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidenabled */
export const isPushRuleEnabled = endpoint({
  name: 'isPushRuleEnabled',
  summary: 'Whether a push rule is on',
  method: 'get',
  paths: [
    '/_matrix/client/r0/pushrules/global/{kind}/{ruleId}/enabled',
    '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  params: pushRuleParams,
  handle: ({ params, requester }, { pushRules }: { pushRules: PushRules }) => ({
    enabled: pushRules.rule(requester.userId, kindOf(params), params.ruleId).enabled,
  }),
});
