/**
 * The rules that everybody has.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#predefined-rules
 */

import { localpartOf } from '../identifiers/parts.ts';
import type { JsonObject } from '../json.ts';
import type { PushAction, PushRule, PushRuleset } from './push-rule.ts';

const NOTIFY: PushAction = 'notify';
const HIGHLIGHT: PushAction = { set_tweak: 'highlight' };
const DEFAULT_SOUND: PushAction = { set_tweak: 'sound', value: 'default' };
const RING: PushAction = { set_tweak: 'sound', value: 'ring' };

const matches = (key: string, pattern: string): JsonObject => ({ kind: 'event_match', key, pattern });
const typeIs = (type: string): JsonObject => matches('type', type);

const NO_STATE_KEY = matches('state_key', '');
const ONE_TO_ONE: JsonObject = { kind: 'room_member_count', is: '2' };
const MAY_NOTIFY_ROOM: JsonObject = { kind: 'sender_notification_permission', key: 'room' };

interface RuleOptions {
  readonly enabled?: boolean;
  readonly conditions?: readonly JsonObject[];
  readonly pattern?: string;
}

function rule(ruleId: string, actions: readonly PushAction[], options: RuleOptions): PushRule {
  return { rule_id: ruleId, default: true, enabled: true, ...options, actions };
}

const when = (ruleId: string, conditions: readonly JsonObject[], actions: readonly PushAction[]) =>
  rule(ruleId, actions, { conditions });

/** Checked before the rules of the user's own, unlike all others here. */
export const MASTER_RULE = rule('.m.rule.master', [], { enabled: false, conditions: [] });

const SUPPRESS_NOTICES = when('.m.rule.suppress_notices', [matches('content.msgtype', 'm.notice')], []);
const MEMBER_EVENT = when('.m.rule.member_event', [typeIs('m.room.member')], []);

/**
 * The specification dropped the rules that look for mentions in the body (1.17). They are here but off, because clients
 * that switch mentions on and off insist on finding them. Whoever switches them on gets what they were.
 */
const CONTAINS_DISPLAY_NAME = rule('.m.rule.contains_display_name', [NOTIFY, DEFAULT_SOUND, HIGHLIGHT], {
  enabled: false,
  conditions: [{ kind: 'contains_display_name' }],
});
const ROOM_NOTIF = rule('.m.rule.roomnotif', [NOTIFY, HIGHLIGHT], {
  enabled: false,
  conditions: [matches('content.body', '@room'), MAY_NOTIFY_ROOM],
});
const CONTAINS_USER_NAME = '.m.rule.contains_user_name';

/** Rules that an event with `m.mentions` never matches. Source: https://spec.matrix.org/v1.16/client-server-api/#user-and-room-mentions */
export const BODY_MENTION_RULES: ReadonlySet<string> = new Set([
  CONTAINS_DISPLAY_NAME.rule_id,
  ROOM_NOTIF.rule_id,
  CONTAINS_USER_NAME,
]);

const IS_ROOM_MENTION = when(
  '.m.rule.is_room_mention',
  [{ kind: 'event_property_is', key: 'content.m\\.mentions.room', value: true }, MAY_NOTIFY_ROOM],
  [NOTIFY, HIGHLIGHT],
);

const OVERRIDES_AFTER_MENTIONS: readonly PushRule[] = [
  when('.m.rule.tombstone', [typeIs('m.room.tombstone'), NO_STATE_KEY], [NOTIFY, HIGHLIGHT]),
  when('.m.rule.reaction', [typeIs('m.reaction')], []),
  when('.m.rule.room.server_acl', [typeIs('m.room.server_acl'), NO_STATE_KEY], []),
  when(
    '.m.rule.suppress_edits',
    [{ kind: 'event_property_is', key: 'content.m\\.relates_to.rel_type', value: 'm.replace' }],
    [],
  ),
  when('.m.rule.poll_response', [typeIs('m.poll.response')], []),
  when('.org.matrix.msc3930.rule.poll_response', [typeIs('org.matrix.msc3381.poll.response')], []),
];

/** Two rules for a type: with sound where two people are among themselves, without elsewhere. Source: MSC3930. */
function pollRules(prefix: string, typePrefix: string, what: 'start' | 'end'): PushRule[] {
  const type = typeIs(`${typePrefix}.${what}`);
  return [
    when(`${prefix}.poll_${what}_one_to_one`, [ONE_TO_ONE, type], [NOTIFY, DEFAULT_SOUND]),
    when(`${prefix}.poll_${what}`, [type], [NOTIFY]),
  ];
}

const UNDERRIDES: readonly PushRule[] = [
  when('.m.rule.call', [typeIs('m.call.invite')], [NOTIFY, RING]),
  when('.m.rule.encrypted_room_one_to_one', [ONE_TO_ONE, typeIs('m.room.encrypted')], [NOTIFY, DEFAULT_SOUND]),
  when('.m.rule.room_one_to_one', [ONE_TO_ONE, typeIs('m.room.message')], [NOTIFY, DEFAULT_SOUND]),
  when('.m.rule.message', [typeIs('m.room.message')], [NOTIFY]),
  when('.m.rule.encrypted', [typeIs('m.room.encrypted')], [NOTIFY]),
  ...pollRules('.m.rule', 'm.poll', 'start'),
  ...pollRules('.m.rule', 'm.poll', 'end'),
  ...pollRules('.org.matrix.msc3930.rule', 'org.matrix.msc3381.poll', 'start'),
  ...pollRules('.org.matrix.msc3930.rule', 'org.matrix.msc3381.poll', 'end'),
];

/** The default rules of a user, `.m.rule.master` first. Conditions that do not name the user are the same objects for all. */
export function defaultPushRules(userId: string): PushRuleset {
  const invited = [typeIs('m.room.member'), matches('content.membership', 'invite'), matches('state_key', userId)];
  const mentioned = { kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: userId };
  return {
    override: [
      MASTER_RULE,
      SUPPRESS_NOTICES,
      when('.m.rule.invite_for_me', invited, [NOTIFY, DEFAULT_SOUND]),
      MEMBER_EVENT,
      when('.m.rule.is_user_mention', [mentioned], [NOTIFY, DEFAULT_SOUND, HIGHLIGHT]),
      CONTAINS_DISPLAY_NAME,
      IS_ROOM_MENTION,
      ROOM_NOTIF,
      ...OVERRIDES_AFTER_MENTIONS,
    ],
    content: [
      rule(CONTAINS_USER_NAME, [NOTIFY, DEFAULT_SOUND, HIGHLIGHT], { enabled: false, pattern: localpartOf(userId) }),
    ],
    room: [],
    sender: [],
    underride: UNDERRIDES,
  };
}
