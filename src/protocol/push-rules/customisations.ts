/**
 * What a user made of the push rules, apart from the default rules themselves: so new default rules reach old users.
 */
import { defaultPushRules, MASTER_RULE } from './default-rules.ts';
import type { OwnRulesSince } from './own-rules-since.ts';
import { PUSH_RULE_KINDS, type PushAction, type PushRule, type PushRuleset } from './push-rule.ts';

/** JSON as it is stored. */
export interface PushRuleCustomisations {
  /** Rules that the user added, by kind, the most important first. */
  readonly own: PushRuleset;
  /** What the user changed of default rules, by rule id; only what differs from the default. */
  readonly defaults: { readonly [ruleId: string]: DefaultRuleChange };
  /** From when on that holds. */
  readonly since?: OwnRulesSince;
}

export interface DefaultRuleChange {
  readonly enabled?: boolean;
  readonly actions?: readonly PushAction[];
}

export const NO_CUSTOMISATIONS: PushRuleCustomisations = {
  own: { override: [], content: [], room: [], sender: [], underride: [] },
  defaults: {},
};

/** The rules of a user as `m.push_rules` holds them under `global`: own rules stand before default rules, except the master. */
export function rulesetOf(userId: string, { own, defaults }: PushRuleCustomisations): PushRuleset {
  const changed = (rule: PushRule): PushRule => {
    const change = Object.hasOwn(defaults, rule.rule_id) ? defaults[rule.rule_id] : undefined;
    return change ? { ...rule, ...change } : rule;
  };
  const standard = defaultPushRules(userId);
  const [master, ...overrides] = standard.override.map(changed);
  return {
    override: [master ?? MASTER_RULE, ...own.override, ...overrides],
    content: [...own.content, ...standard.content.map(changed)],
    room: [...own.room, ...standard.room.map(changed)],
    sender: [...own.sender, ...standard.sender.map(changed)],
    underride: [...own.underride, ...standard.underride.map(changed)],
  };
}

/** Where a user's events may be judged otherwise than by the default rules. */
export interface OwnRulesReach {
  /** In any room: keywords, rules on senders, changed default rules. */
  readonly everywhere: boolean;
  /** Beyond that, in these rooms. */
  readonly rooms: ReadonlySet<string>;
}

/** For the index of users with rules of their own; rules that are off reach nowhere. */
export function ownRulesReach({ own, defaults }: PushRuleCustomisations): OwnRulesReach {
  const rooms = new Set<string>();
  let everywhere = Object.keys(defaults).length > 0;
  for (const kind of PUSH_RULE_KINDS) {
    for (const rule of own[kind]) {
      if (!rule.enabled) continue;
      const room = kind === 'room' ? rule.rule_id : roomOfConditions(rule);
      if (room === undefined) everywhere = true;
      else rooms.add(room);
    }
  }
  return { everywhere, rooms };
}

/** Whether rules of the user's own may judge events in this room. */
export function ownRulesApplyIn(reach: OwnRulesReach, roomId: string): boolean {
  return reach.everywhere || reach.rooms.has(roomId);
}

/** The one room that a condition asks for, as clients do to mute a room. */
function roomOfConditions({ conditions }: PushRule): string | undefined {
  for (const condition of conditions ?? []) {
    const { kind, key, pattern } = condition;
    if (kind !== 'event_match' || key !== 'room_id' || typeof pattern !== 'string') continue;
    if (!/[*?]/.test(pattern)) return pattern;
  }
  return undefined;
}
