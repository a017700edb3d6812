import type { JsonObject } from '../json.ts';

/** The kinds of rules, in the order in which they are checked. */
export const PUSH_RULE_KINDS = ['override', 'content', 'room', 'sender', 'underride'] as const;

export type PushRuleKind = (typeof PUSH_RULE_KINDS)[number];

export function isPushRuleKind(text: string): text is PushRuleKind {
  return (PUSH_RULE_KINDS as readonly string[]).includes(text);
}

/** `notify`, or an object that sets a tweak. Actions that nobody knows do nothing. */
export type PushAction = string | JsonObject;

/** Source: https://spec.matrix.org/v1.19/client-server-api/#push-rules */
export interface PushRule {
  readonly rule_id: string;
  readonly default: boolean;
  readonly enabled: boolean;
  readonly actions: readonly PushAction[];
  /** Of `override` and `underride` rules. */
  readonly conditions?: readonly JsonObject[];
  /** Of `content` rules. */
  readonly pattern?: string;
}

/** The `global` of `m.push_rules`: rules by kind, the most important first. */
export type PushRuleset = { readonly [kind in PushRuleKind]: readonly PushRule[] };

/** The rule of this kind and id, if there is one. */
export function findRule(ruleset: PushRuleset, kind: PushRuleKind, ruleId: string): PushRule | undefined {
  return ruleset[kind].find((rule) => rule.rule_id === ruleId);
}
