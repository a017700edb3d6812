/**
 * Which rule of a user an event matches, and what then happens.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#push-rules
 */
import type { JsonObject } from '../json.ts';
import { bodyMatch, compileCondition, type Matcher, type PushContext, type PushEvent } from './conditions.ts';
import { BODY_MENTION_RULES } from './default-rules.ts';
import { PUSH_RULE_KINDS, type PushAction, type PushRule, type PushRuleKind, type PushRuleset } from './push-rule.ts';

export interface PushOutcome {
  readonly notify: boolean;
  /** Never true without `notify`. */
  readonly highlight: boolean;
  readonly sound?: string;
  /** All tweaks, for the push gateway; without prototype, since their names are the user's. */
  readonly tweaks: JsonObject;
  readonly actions: readonly PushAction[];
  readonly kind?: PushRuleKind;
  readonly ruleId?: string;
}

const outcomes = new WeakMap<PushRule, PushOutcome>();

const NOTHING: PushOutcome = { notify: false, highlight: false, tweaks: Object.create(null), actions: [] };

/** What the rules make of an event. Nobody is notified of events of their own. */
export function evaluate(ruleset: PushRuleset, event: PushEvent, context: PushContext): PushOutcome {
  if (event.sender === context.userId) return NOTHING;
  for (const kind of PUSH_RULE_KINDS) {
    for (const rule of ruleset[kind]) {
      if (rule.enabled && ruleMatches(kind, rule, event, context)) return outcomeOf(kind, rule);
    }
  }
  return NOTHING;
}

const contentRules = new WeakMap<PushRule, Matcher>();

function ruleMatches(kind: PushRuleKind, rule: PushRule, event: PushEvent, context: PushContext): boolean {
  if (rule.default && BODY_MENTION_RULES.has(rule.rule_id) && Object.hasOwn(event.content, 'm.mentions')) return false;
  switch (kind) {
    case 'room':
      return rule.rule_id === event.room_id;
    case 'sender':
      return rule.rule_id === event.sender;
    case 'content':
      return contentMatcher(rule)(event, context);
    default:
      for (const condition of rule.conditions ?? []) if (!compileCondition(condition)(event, context)) return false;
      return true;
  }
}

function contentMatcher(rule: PushRule): Matcher {
  const known = contentRules.get(rule);
  if (known) return known;
  const matcher: Matcher = rule.pattern === undefined ? () => false : bodyMatch(rule.pattern);
  contentRules.set(rule, matcher);
  return matcher;
}

/** What a rule does is worked out once: every message matches one. */
function outcomeOf(kind: PushRuleKind, rule: PushRule): PushOutcome {
  let outcome = outcomes.get(rule);
  if (outcome?.kind !== kind) {
    outcome = outcomeOfActions(kind, rule);
    outcomes.set(rule, outcome);
  }
  return outcome;
}

function outcomeOfActions(kind: PushRuleKind, rule: PushRule): PushOutcome {
  const notify = rule.actions.includes('notify');
  const tweaks: JsonObject = Object.create(null);
  for (const action of rule.actions) {
    if (typeof action !== 'object') continue;
    const tweak = action['set_tweak'];
    if (typeof tweak !== 'string') continue;
    const value = action['value'];
    if (value !== undefined) tweaks[tweak] = value;
    else if (tweak === 'highlight') tweaks[tweak] = true;
  }
  const sound = tweaks['sound'];
  return {
    notify,
    highlight: notify && tweaks['highlight'] !== undefined && tweaks['highlight'] !== false,
    ...(typeof sound === 'string' ? { sound } : {}),
    tweaks,
    actions: rule.actions,
    kind,
    ruleId: rule.rule_id,
  };
}
