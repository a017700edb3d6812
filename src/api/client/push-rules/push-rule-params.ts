import Type from 'typebox';
import { PUSH_RULE_KINDS, type PushRuleKind } from '../../../protocol/push-rules/push-rule.ts';

/** Restriction of the path parameters of endpoints for one rule. */
export const pushRuleParams = Type.Object({
  kind: Type.Union(PUSH_RULE_KINDS.map((kind) => Type.Literal(kind))),
});

/** The kind in the path, which {@link pushRuleParams} has checked. */
export function kindOf(params: { readonly kind: string }): PushRuleKind {
  return params.kind as PushRuleKind;
}

export function isPushRuleKind(kind: string): kind is PushRuleKind {
  return (PUSH_RULE_KINDS as readonly string[]).includes(kind);
}
