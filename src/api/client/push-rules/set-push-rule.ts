import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { kindOf, pushRuleParams } from './push-rule-params.ts';

/** `PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid */
export const setPushRule = endpoint({
  name: 'setPushRule',
  summary: 'Adds a push rule, changes it or moves it',
  method: 'put',
  paths: ['/_matrix/client/r0/pushrules/global/{kind}/{ruleId}', '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  params: pushRuleParams,
  query: Type.Object({ before: Type.Optional(Type.String()), after: Type.Optional(Type.String()) }),
  body: jsonObject,
  async handle({ params, query, body, requester }, { pushRules }: { pushRules: PushRules }) {
    await pushRules.set(requester.userId, kindOf(params), params.ruleId, body, query);
    return {};
  },
});
