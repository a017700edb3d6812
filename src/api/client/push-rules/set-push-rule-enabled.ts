import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { kindOf, pushRuleParams } from './push-rule-params.ts';

/** `PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidenabled */
export const setPushRuleEnabled = endpoint({
  name: 'setPushRuleEnabled',
  summary: 'Switches a push rule on or off',
  method: 'put',
  paths: [
    '/_matrix/client/r0/pushrules/global/{kind}/{ruleId}/enabled',
    '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  params: pushRuleParams,
  body: jsonObject,
  async handle({ params, body, requester }, { pushRules }: { pushRules: PushRules }) {
    await pushRules.setEnabled(requester.userId, kindOf(params), params.ruleId, body['enabled']);
    return {};
  },
});
