import { endpoint } from '../../../http/endpoint.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { kindOf, pushRuleParams } from './push-rule-params.ts';

/** `GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobalkindruleid */
export const getPushRule = endpoint({
  name: 'getPushRule',
  summary: 'One push rule',
  method: 'get',
  paths: ['/_matrix/client/r0/pushrules/global/{kind}/{ruleId}', '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  params: pushRuleParams,
  handle: ({ params, requester }, { pushRules }: { pushRules: PushRules }) =>
    pushRules.rule(requester.userId, kindOf(params), params.ruleId),
});
