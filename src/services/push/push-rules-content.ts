import { NO_CUSTOMISATIONS, type PushRuleCustomisations, rulesetOf } from '../../protocol/push-rules/customisations.ts';
import type { PushRuleset } from '../../protocol/push-rules/push-rule.ts';

/** The type of account data under which clients find the push rules, and what the user changed of them is stored. */
export const PUSH_RULES = 'm.push_rules';

/** What the user changed, from what is stored. */
export function customisationsIn(stored: string | undefined): PushRuleCustomisations {
  return stored === undefined ? NO_CUSTOMISATIONS : (JSON.parse(stored) as PushRuleCustomisations);
}

/** All rules of a user, from what is stored. */
export function storedRuleset(userId: string, stored: string | undefined): PushRuleset {
  return rulesetOf(userId, customisationsIn(stored));
}

/** The content of `m.push_rules` as clients receive it. */
export function pushRulesContent(userId: string, stored: string | undefined): string {
  return JSON.stringify({ global: storedRuleset(userId, stored) });
}
