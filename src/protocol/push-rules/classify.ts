/**
 * What an event means for all who have no rules of their own, found out once and not for every member.
 */
import { isJsonObject } from '../json.ts';
import type { PushContext, PushEvent } from './conditions.ts';
import { defaultPushRules } from './default-rules.ts';
import { evaluate } from './evaluate.ts';
import type { PushRuleset } from './push-rule.ts';

/** Under the default rules. Nothing of it is about the sender, whom their own events never notify. */
export interface EventClass {
  /** Whether the event notifies every member. Edits, reactions, poll votes and most state do not. */
  readonly notify: boolean;
  /** Whether it also stands out for every member, as `@room` and the end of a room do. */
  readonly highlightAll: boolean;
  /** Whom it mentions: for them it notifies and stands out, whatever `notify` is. Without duplicates and sender. */
  readonly mentionedUserIds: readonly string[];
  /** Whom it invites: for them it notifies, whatever `notify` is. */
  readonly invitedUserId?: string;
}

const MENTION_RULE = '.m.rule.is_user_mention';
const INVITE_RULE = '.m.rule.invite_for_me';

const RULES_FOR_ALL: PushRuleset = (() => {
  const rules = defaultPushRules('');
  const override = rules.override.filter(({ rule_id }) => rule_id !== MENTION_RULE && rule_id !== INVITE_RULE);
  return { ...rules, override };
})();

/** Rules that end the evaluation before the one in question is reached. */
function rulesBefore(ruleId: string): ReadonlySet<string> {
  const ids = defaultPushRules('').override.map(({ rule_id }) => rule_id);
  return new Set(ids.slice(0, ids.indexOf(ruleId)));
}

const BEFORE_MENTION = rulesBefore(MENTION_RULE);
const BEFORE_INVITE = rulesBefore(INVITE_RULE);

/** Of the context only what concerns the sender: how many members there are changes the sound, not the class. */
export function classify(
  event: PushEvent,
  { senderPowerLevel, notificationLevel }: Pick<PushContext, 'senderPowerLevel' | 'notificationLevel'>,
): EventClass {
  const context: PushContext = { userId: '', memberCount: 0, senderPowerLevel, notificationLevel };
  const { notify, highlight, ruleId } = evaluate(RULES_FOR_ALL, event, context);
  const invited = isInvite(event) && !(ruleId !== undefined && BEFORE_INVITE.has(ruleId));
  return {
    notify,
    highlightAll: highlight,
    mentionedUserIds: ruleId !== undefined && BEFORE_MENTION.has(ruleId) ? [] : mentionedUsers(event),
    ...(invited && event.state_key !== undefined ? { invitedUserId: event.state_key } : {}),
  };
}

function isInvite({ type, content, sender, state_key }: PushEvent): boolean {
  return type === 'm.room.member' && content['membership'] === 'invite' && state_key !== sender;
}

function mentionedUsers({ content, sender }: PushEvent): string[] {
  const mentions = content['m.mentions'];
  const userIds = isJsonObject(mentions) ? mentions['user_ids'] : undefined;
  if (!Array.isArray(userIds)) return [];
  const named = userIds.filter((id): id is string => typeof id === 'string' && id !== sender);
  return [...new Set(named)];
}
