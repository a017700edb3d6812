import { endpoint } from '../../../http/endpoint.ts';
import { notFound } from '../../../protocol/errors.ts';
import type { PushRules } from '../../../services/push/push-rules.ts';
import { isPushRuleKind } from './push-rule-params.ts';

/** `GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobalkindruleid */
export const getPushRule = endpoint({
  name: 'getPushRule',
  summary: 'One push rule',
  method: 'get',
  paths: ['/_matrix/client/r0/pushrules/global/{kind}/{ruleId}', '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: ({ params, requester }, { pushRules }: { pushRules: PushRules }) => {
    // Clients ask for rules of kinds that extensions have, to see whether they are there.
    if (!isPushRuleKind(params.kind)) throw notFound('There is no such push rule');
    return pushRules.rule(requester.userId, params.kind, params.ruleId);
  },
});
