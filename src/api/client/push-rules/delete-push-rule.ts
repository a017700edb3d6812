import { endpoint } from '../../../http/endpoint.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { kindOf, pushRuleParams } from './push-rule-params.ts';

/** `DELETE /_matrix/client/v3/pushrules/global/{kind}/{ruleId}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3pushrulesglobalkindruleid */
export const deletePushRule = endpoint({
  name: 'deletePushRule',
  summary: 'Deletes a push rule of the user',
  method: 'delete',
  paths: ['/_matrix/client/r0/pushrules/global/{kind}/{ruleId}', '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  params: pushRuleParams,
  async handle({ params, requester }, { pushRules }: { pushRules: PushRules }) {
    await pushRules.delete(requester.userId, kindOf(params), params.ruleId);
    return {};
  },
});
