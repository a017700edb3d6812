import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { kindOf, pushRuleParams } from './push-rule-params.ts';

/** `PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidactions */
export const setPushRuleActions = endpoint({
  name: 'setPushRuleActions',
  summary: 'Changes what a push rule does',
  method: 'put',
  paths: [
    '/_matrix/client/r0/pushrules/global/{kind}/{ruleId}/actions',
    '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  params: pushRuleParams,
  body: jsonObject,
  async handle({ params, body, requester }, { pushRules }: { pushRules: PushRules }) {
    await pushRules.setActions(requester.userId, kindOf(params), params.ruleId, body['actions']);
    return {};
  },
});
