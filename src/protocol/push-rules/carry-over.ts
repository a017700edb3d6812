import { type JsonObject, withKey } from '../json.ts';
import type { PushRuleCustomisations } from './customisations.ts';
import { findRule, PUSH_RULE_KINDS, type PushRule } from './push-rule.ts';

/** Those of the kinds whose rules can be about one room. */
const OF_ROOMS = ['override', 'room', 'underride'] as const;

/**
 * The customisations with rules for the room `to` like those under the id of the room `from`, each right before its
 * model. Undefined if nothing is to be added, or more rules than a user may have would come of it.
 */
export function carryOverRules(
  customisations: PushRuleCustomisations,
  from: string,
  to: string,
  mostRules: number,
): PushRuleCustomisations | undefined {
  const { own } = customisations;
  const added = { ...own };
  for (const kind of OF_ROOMS) {
    const model = findRule(own, kind, from);
    if (!model || findRule(own, kind, to)) continue;
    added[kind] = own[kind].toSpliced(own[kind].indexOf(model), 0, likeIt(model, from, to));
  }
  const count = PUSH_RULE_KINDS.reduce((sum, kind) => sum + added[kind].length, 0);
  const isMore = OF_ROOMS.some((kind) => added[kind] !== own[kind]);
  return isMore && count <= mostRules ? { ...customisations, own: added } : undefined;
}

function likeIt(model: PushRule, from: string, to: string): PushRule {
  const { conditions } = model;
  const moved = (condition: JsonObject): JsonObject =>
    condition['key'] === 'room_id' && condition['pattern'] === from ? withKey(condition, 'pattern', to) : condition;
  return { ...model, rule_id: to, ...(conditions ? { conditions: conditions.map(moved) } : {}) };
}
