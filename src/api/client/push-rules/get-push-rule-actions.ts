import { endpoint } from '../../../http/endpoint.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { kindOf, pushRuleParams } from './push-rule-params.ts';

/** `GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidactions */
export const getPushRuleActions = endpoint({
  name: 'getPushRuleActions',
  summary: 'What a push rule does',
  method: 'get',
  paths: [
    '/_matrix/client/r0/pushrules/global/{kind}/{ruleId}/actions',
    '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  params: pushRuleParams,
  handle: ({ params, requester }, { pushRules }: { pushRules: PushRules }) => ({
    actions: pushRules.rule(requester.userId, kindOf(params), params.ruleId).actions,
  }),
});
