import { MatrixError, notFound } from '../../protocol/errors.ts';
import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import { carryOverRules } from '../../protocol/push-rules/carry-over.ts';
import {
  deleteRule,
  type RuleChange,
  type RulePlace,
  setRule,
  setRuleActions,
  setRuleEnabled,
} from '../../protocol/push-rules/change-ruleset.ts';
import { NO_CUSTOMISATIONS, type PushRuleCustomisations } from '../../protocol/push-rules/customisations.ts';
import { sinceChange } from '../../protocol/push-rules/own-rules-since.ts';
import { findRule, type PushRule, type PushRuleKind, type PushRuleset } from '../../protocol/push-rules/push-rule.ts';
import { PUSH_RULE_LIMITS, type PushRuleLimits } from '../../protocol/push-rules/read-rule.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { AccountData } from '../account-data/account-data.ts';
import type { NoticeBoard } from '../events.ts';
import { OwnRulesIndex, type RoomWithMembers } from './own-rules-index.ts';
import { PUSH_RULES, storedRuleset } from './push-rules-content.ts';

export interface PushRulesParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly accountData: AccountData;
  readonly limits: {
    readonly pushRulesPerUser: number;
    /** Bytes of what one user changed. */
    readonly pushRulesSize: number;
    /** Users whose rules are kept ready in memory. */
    readonly userCacheEntries: number;
  };
}

/**
 * Which events notify whom, and how. What users changed of the default rules is in memory for all of them, so that
 * rules can be asked while an event is being decided on.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#push-rules
 */
export class PushRules {
  private readonly parts: PushRulesParts;
  private readonly limits: PushRuleLimits;
  /** What is stored, of those who changed anything. */
  private readonly stored = new Map<string, string>();
  private readonly index = new OwnRulesIndex();
  private readonly ready: Lru<string, PushRuleset>;

  constructor(parts: PushRulesParts) {
    this.parts = parts;
    this.limits = { ...PUSH_RULE_LIMITS, rules: parts.limits.pushRulesPerUser };
    this.ready = new Lru({ max: parts.limits.userCacheEntries });
    parts.notices.on('accountData', ({ userId, roomId, type, content }) => {
      if (roomId === undefined && type === PUSH_RULES) this.remember(userId, content);
    });
    parts.notices.on('accountDeactivated', ({ userId }) => {
      this.stored.delete(userId);
      this.index.remove(userId);
      this.ready.delete(userId);
    });
  }

  /** Reads what everybody has changed: before the first event. */
  async load(): Promise<void> {
    const rows = await this.parts.storage.readHeavy((tx) => tx.accountData.pushRules());
    for (const { user_id, content } of rows) this.remember(user_id, content);
  }

  /** All rules of a user: default ones and their own. The same object until they change. */
  of(userId: string): PushRuleset {
    const known = this.ready.get(userId);
    if (known) return known;
    const ruleset = storedRuleset(userId, this.stored.get(userId));
    this.ready.set(userId, ruleset);
    return ruleset;
  }

  /** Joined members of a room for whom an event may be otherwise than under the default rules. */
  usersWithOwnRules(room: RoomWithMembers): Iterable<string> {
    return this.index.usersIn(room);
  }

  /** From which stream position on events of a room may be otherwise for a user than under the default rules, if at all. */
  ownRulesSince(userId: string, roomId: string): number | undefined {
    return this.index.since(userId, roomId);
  }

  /** @throws 404 `M_NOT_FOUND` */
  rule(userId: string, kind: PushRuleKind, ruleId: string): PushRule {
    const rule = findRule(this.of(userId), kind, ruleId);
    if (!rule) throw notFound('There is no such push rule');
    return rule;
  }

  /** Adds, replaces or moves a rule. */
  set(userId: string, kind: PushRuleKind, ruleId: string, body: JsonObject, place: RulePlace): Promise<void> {
    return this.change(userId, (before) => setRule(before, kind, ruleId, body, place, this.limits));
  }

  delete(userId: string, kind: PushRuleKind, ruleId: string): Promise<void> {
    return this.change(userId, (before) => deleteRule(before, kind, ruleId));
  }

  setEnabled(userId: string, kind: PushRuleKind, ruleId: string, enabled: JsonValue | undefined): Promise<void> {
    return this.change(userId, (before) => setRuleEnabled(before, kind, ruleId, enabled));
  }

  setActions(userId: string, kind: PushRuleKind, ruleId: string, actions: JsonValue | undefined): Promise<void> {
    return this.change(userId, (before) => setRuleActions(before, kind, ruleId, actions, this.limits));
  }

  /** Gives the room `to` the rules of its own that the user has for the room `from`, unless it has some. */
  carryOver(userId: string, from: string, to: string): Promise<void> {
    return this.change(userId, (before) => carryOverRules(before, from, to, this.limits.rules));
  }

  private change(userId: string, decide: (before: PushRuleCustomisations) => RuleChange | undefined): Promise<void> {
    return this.parts.accountData.change(
      userId,
      undefined,
      PUSH_RULES,
      (current) => {
        const before = (current as PushRuleCustomisations | undefined) ?? NO_CUSTOMISATIONS;
        const after = decide(before);
        if (after instanceof MatrixError) throw after;
        const since = after && sinceChange(before, after, this.parts.storage.head);
        return after && ({ ...after, since } as unknown as JsonObject);
      },
      this.parts.limits.pushRulesSize,
    );
  }

  private remember(userId: string, stored: string): void {
    this.stored.set(userId, stored);
    this.index.put(userId, stored);
    this.ready.delete(userId);
  }
}
