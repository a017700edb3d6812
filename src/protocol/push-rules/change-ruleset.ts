/**
 * Changes of push rules, as clients ask for them. A change gives the customisations anew, or the error for the client.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#push-rules-api
 */
import { badJson, invalidParam, type MatrixError, missingParam, notFound, tooLarge, unknown } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { DefaultRuleChange, PushRuleCustomisations } from './customisations.ts';
import { defaultPushRules } from './default-rules.ts';
import { findRule, PUSH_RULE_KINDS, type PushRule, type PushRuleKind } from './push-rule.ts';
import { checkRuleId, PUSH_RULE_LIMITS, type PushRuleLimits, readActions, readRuleBody } from './read-rule.ts';

export type RuleChange = PushRuleCustomisations | MatrixError;

export interface RulePlace {
  /** The own rule of the same kind that the rule is to stand right before, being more important. */
  readonly before?: string;
  /** The one that it is to stand right after. `before` wins where both are given. */
  readonly after?: string;
}

/** Adds a rule, or replaces the one of this kind and id where it stands, or moves it there. */
export function setRule(
  customisations: PushRuleCustomisations,
  kind: PushRuleKind,
  ruleId: string,
  body: JsonObject,
  place: RulePlace = {},
  limits: PushRuleLimits = PUSH_RULE_LIMITS,
): RuleChange {
  const invalid = checkRuleId(ruleId, limits);
  if (invalid) return invalid;
  const fields = readRuleBody(kind, body, limits);
  if (!('actions' in fields)) return fields;

  const rules = customisations.own[kind];
  const index = rules.findIndex(({ rule_id }) => rule_id === ruleId);
  const existing = rules[index];
  if (!existing && countRules(customisations) >= limits.rules) {
    return tooLarge(`You have ${limits.rules} push rules, delete some to add others`);
  }
  const rule: PushRule = { rule_id: ruleId, default: false, enabled: existing?.enabled ?? true, ...fields };
  const others = rules.filter(({ rule_id }) => rule_id !== ruleId);
  const relative = place.before ?? place.after;
  if (relative === undefined || (existing && relative === ruleId)) {
    return withRules(customisations, kind, others.toSpliced(Math.max(index, 0), 0, rule));
  }
  const target = others.findIndex(({ rule_id }) => rule_id === relative);
  if (target === -1) return unknown(`before/after rule not found: ${relative}`, { status: 400 });
  return withRules(customisations, kind, others.toSpliced(place.before === undefined ? target + 1 : target, 0, rule));
}

/** Deletes a rule of the user's own. */
export function deleteRule(customisations: PushRuleCustomisations, kind: PushRuleKind, ruleId: string): RuleChange {
  const rules = customisations.own[kind];
  if (defaultRule(kind, ruleId)) return invalidParam('Default push rules cannot be deleted, only switched off');
  if (!rules.some(({ rule_id }) => rule_id === ruleId)) return ruleNotFound();
  return withRules(
    customisations,
    kind,
    rules.filter(({ rule_id }) => rule_id !== ruleId),
  );
}

/** Switches a rule on or off, default rules too. */
export function setRuleEnabled(
  customisations: PushRuleCustomisations,
  kind: PushRuleKind,
  ruleId: string,
  enabled: JsonValue | undefined,
): RuleChange {
  if (enabled === undefined) return missingParam('enabled is missing');
  if (typeof enabled !== 'boolean') return badJson('enabled is not a boolean');
  return changeRule(customisations, kind, ruleId, { enabled });
}

/** Gives a rule other actions, default rules too. */
export function setRuleActions(
  customisations: PushRuleCustomisations,
  kind: PushRuleKind,
  ruleId: string,
  actions: JsonValue | undefined,
  limits: PushRuleLimits = PUSH_RULE_LIMITS,
): RuleChange {
  const read = readActions(actions, limits);
  return 'actions' in read ? changeRule(customisations, kind, ruleId, read) : read;
}

function ruleNotFound(): MatrixError {
  return notFound('There is no such push rule');
}

function defaultRule(kind: PushRuleKind, ruleId: string): PushRule | undefined {
  return findRule(defaultPushRules(''), kind, ruleId);
}

function countRules({ own }: PushRuleCustomisations): number {
  return PUSH_RULE_KINDS.reduce((sum, kind) => sum + own[kind].length, 0);
}

function withRules(customisations: PushRuleCustomisations, kind: PushRuleKind, rules: PushRule[]): RuleChange {
  return { ...customisations, own: { ...customisations.own, [kind]: rules } };
}

function changeRule(
  customisations: PushRuleCustomisations,
  kind: PushRuleKind,
  ruleId: string,
  change: DefaultRuleChange,
): RuleChange {
  const standard = defaultRule(kind, ruleId);
  if (standard) return changeDefault(customisations, standard, change);
  const rules = customisations.own[kind];
  if (!findRule(customisations.own, kind, ruleId)) return ruleNotFound();
  return withRules(
    customisations,
    kind,
    rules.map((rule) => (rule.rule_id === ruleId ? { ...rule, ...change } : rule)),
  );
}

/** Keeps only what differs from the default rule, so that a change that is taken back leaves no trace. */
function changeDefault(
  customisations: PushRuleCustomisations,
  standard: PushRule,
  change: DefaultRuleChange,
): RuleChange {
  const { [standard.rule_id]: before, ...others } = customisations.defaults;
  const { enabled, actions } = { ...before, ...change };
  const changed: DefaultRuleChange = {
    ...(enabled === undefined || enabled === standard.enabled ? {} : { enabled }),
    ...(actions === undefined || JSON.stringify(actions) === JSON.stringify(standard.actions) ? {} : { actions }),
  };
  const isDefault = Object.keys(changed).length === 0;
  return { ...customisations, defaults: isDefault ? others : { ...others, [standard.rule_id]: changed } };
}
