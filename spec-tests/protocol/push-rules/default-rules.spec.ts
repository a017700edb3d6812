import assert from 'node:assert/strict';
import type { PushContext, PushEvent } from '../../../src/protocol/push-rules/conditions.ts';
import { defaultPushRules } from '../../../src/protocol/push-rules/default-rules.ts';
import { evaluate } from '../../../src/protocol/push-rules/evaluate.ts';
import { context, event, ME, message, OTHER } from './push-event.ts';

const mentions = (content: { user_ids?: string[]; room?: boolean }) => ({ 'm.mentions': content });
const edit = { 'm.relates_to': { rel_type: 'm.replace', event_id: '$a' } };
const PAIR = { memberCount: 2 };
const MOD = { senderPowerLevel: 50 };

type Row = [title: string, event: PushEvent, rule: string | undefined, outcome: string, context?: Partial<PushContext>];

const ROWS: Row[] = [
  ['a message', message('hello'), '.m.rule.message', 'notify'],
  ['a message between two', message('hello'), '.m.rule.room_one_to_one', 'notify default', PAIR],
  ['an own message', { ...message('hello'), sender: ME }, undefined, 'nothing', PAIR],
  ['an encrypted event', event('m.room.encrypted'), '.m.rule.encrypted', 'notify'],
  [
    'an encrypted event between two',
    event('m.room.encrypted'),
    '.m.rule.encrypted_room_one_to_one',
    'notify default',
    PAIR,
  ],
  ['a notice', message('hello', { msgtype: 'm.notice' }), '.m.rule.suppress_notices', 'nothing'],
  [
    'a notice with mention',
    message('x', { msgtype: 'm.notice', ...mentions({ user_ids: [ME] }) }),
    '.m.rule.suppress_notices',
    'nothing',
  ],
  [
    'an invite for the user',
    event('m.room.member', { membership: 'invite' }, ME),
    '.m.rule.invite_for_me',
    'notify default',
  ],
  [
    'an invite for another',
    event('m.room.member', { membership: 'invite' }, '@x:a.test'),
    '.m.rule.member_event',
    'nothing',
  ],
  ['a join', event('m.room.member', { membership: 'join' }, OTHER), '.m.rule.member_event', 'nothing'],
  [
    'a mention',
    message('x', mentions({ user_ids: ['@x:a.test', ME] })),
    '.m.rule.is_user_mention',
    'notify default highlight',
  ],
  ['a mention of another', message('x', mentions({ user_ids: ['@x:a.test'] })), '.m.rule.message', 'notify'],
  [
    'a mention in an edit',
    message('x', { ...edit, ...mentions({ user_ids: [ME] }) }),
    '.m.rule.is_user_mention',
    'notify default highlight',
  ],
  [
    'a mention of the room by who may',
    message('x', mentions({ room: true })),
    '.m.rule.is_room_mention',
    'notify highlight',
    MOD,
  ],
  ['a mention of the room by who may not', message('x', mentions({ room: true })), '.m.rule.message', 'notify'],
  [
    'a mention of the room that is no boolean',
    message('x', { 'm.mentions': { room: 'true' } }),
    '.m.rule.message',
    'notify',
    MOD,
  ],
  ['the display name in the body', message('hello Meike [M]'), '.m.rule.message', 'notify'],
  ['the localpart in the body', message('hello me'), '.m.rule.message', 'notify'],
  ['@room in the body', message('@room'), '.m.rule.message', 'notify', MOD],
  ['the end of a room', event('m.room.tombstone', {}, ''), '.m.rule.tombstone', 'notify highlight'],
  ['a tombstone that is no state', event('m.room.tombstone'), undefined, 'nothing'],
  [
    'a reaction',
    event('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', key: '+' } }),
    '.m.rule.reaction',
    'nothing',
  ],
  ['a server ACL', event('m.room.server_acl', {}, ''), '.m.rule.room.server_acl', 'nothing'],
  ['an edit', message('* x', edit), '.m.rule.suppress_edits', 'nothing'],
  ['an encrypted edit', event('m.room.encrypted', edit), '.m.rule.suppress_edits', 'nothing'],
  ['a call', event('m.call.invite'), '.m.rule.call', 'notify ring'],
  ['a poll', event('m.poll.start'), '.m.rule.poll_start', 'notify'],
  ['a poll between two', event('m.poll.start'), '.m.rule.poll_start_one_to_one', 'notify default', PAIR],
  ['the end of a poll', event('org.matrix.msc3381.poll.end'), '.org.matrix.msc3930.rule.poll_end', 'notify'],
  ['a vote', event('m.poll.response'), '.m.rule.poll_response', 'nothing'],
  [
    'a vote of the unstable kind',
    event('org.matrix.msc3381.poll.response'),
    '.org.matrix.msc3930.rule.poll_response',
    'nothing',
    PAIR,
  ],
  ['a redaction', event('m.room.redaction'), undefined, 'nothing', PAIR],
  ['a topic', event('m.room.topic', { topic: 'x' }, ''), undefined, 'nothing', PAIR],
  ['a sticker', event('m.sticker'), undefined, 'nothing'],
];

describe('default push rules', () => {
  for (const [title, pushEvent, ruleId, expected, changes] of ROWS) {
    it(`make of ${title}: ${expected}`, () => {
      const { notify, sound, highlight, ...outcome } = evaluate(defaultPushRules(ME), pushEvent, context(changes));
      const words = [notify ? 'notify' : 'nothing', sound, highlight ? 'highlight' : undefined];
      assert.deepEqual([outcome.ruleId, words.filter(Boolean).join(' ')], [ruleId, expected]);
    });
  }

  it('have every id that clients look for', () => {
    const ids = Object.values(defaultPushRules(ME)).flatMap((rules) => rules.map(({ rule_id }) => rule_id));
    assert.deepEqual(ids, [
      '.m.rule.master',
      '.m.rule.suppress_notices',
      '.m.rule.invite_for_me',
      '.m.rule.member_event',
      '.m.rule.is_user_mention',
      '.m.rule.contains_display_name',
      '.m.rule.is_room_mention',
      '.m.rule.roomnotif',
      '.m.rule.tombstone',
      '.m.rule.reaction',
      '.m.rule.room.server_acl',
      '.m.rule.suppress_edits',
      '.m.rule.poll_response',
      '.org.matrix.msc3930.rule.poll_response',
      '.m.rule.contains_user_name',
      '.m.rule.call',
      '.m.rule.encrypted_room_one_to_one',
      '.m.rule.room_one_to_one',
      '.m.rule.message',
      '.m.rule.encrypted',
      '.m.rule.poll_start_one_to_one',
      '.m.rule.poll_start',
      '.m.rule.poll_end_one_to_one',
      '.m.rule.poll_end',
      '.org.matrix.msc3930.rule.poll_start_one_to_one',
      '.org.matrix.msc3930.rule.poll_start',
      '.org.matrix.msc3930.rule.poll_end_one_to_one',
      '.org.matrix.msc3930.rule.poll_end',
    ]);
  });

  it('look like the specification writes them', () => {
    const rules = defaultPushRules(ME);
    assert.deepEqual(rules.override[0], {
      rule_id: '.m.rule.master',
      default: true,
      enabled: false,
      conditions: [],
      actions: [],
    });
    assert.deepEqual(rules.override[4], {
      rule_id: '.m.rule.is_user_mention',
      default: true,
      enabled: true,
      conditions: [{ kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: ME }],
      actions: ['notify', { set_tweak: 'sound', value: 'default' }, { set_tweak: 'highlight' }],
    });
  });
});
