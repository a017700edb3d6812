import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { classify, type EventClass } from '../../../src/protocol/push-rules/classify.ts';
import type { PushEvent } from '../../../src/protocol/push-rules/conditions.ts';
import { defaultPushRules } from '../../../src/protocol/push-rules/default-rules.ts';
import { evaluate } from '../../../src/protocol/push-rules/evaluate.ts';
import { context, event, ME, message, OTHER } from './push-event.ts';

const SILENT: EventClass = { notify: false, highlightAll: false, mentionedUserIds: [] };
const NOTIFY: EventClass = { ...SILENT, notify: true };
const BOTH: JsonObject = { 'm.mentions': { user_ids: [ME, '@x:a.test', ME, OTHER, 5] } };
const TWO = [ME, '@x:a.test'];
const edit: JsonObject = { 'm.relates_to': { rel_type: 'm.replace', event_id: '$a' } };
const invite = event('m.room.member', { membership: 'invite' }, ME);

const ROWS: [string, PushEvent, EventClass, number?][] = [
  ['a message', message('x'), NOTIFY],
  ['an encrypted event', event('m.room.encrypted'), NOTIFY],
  ['a message that mentions', message('x', BOTH), { ...NOTIFY, mentionedUserIds: TWO }],
  ['a notice that mentions', message('x', { ...BOTH, msgtype: 'm.notice' }), SILENT],
  ['an edit', message('x', edit), SILENT],
  ['an edit that mentions', message('x', { ...edit, ...BOTH }), { ...SILENT, mentionedUserIds: TWO }],
  ['an encrypted edit', event('m.room.encrypted', edit), SILENT],
  [
    'a reaction',
    event('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$a', key: '+' } }),
    SILENT,
  ],
  ['a poll', event('m.poll.start'), NOTIFY],
  ['a poll of the unstable kind', event('org.matrix.msc3381.poll.start'), NOTIFY],
  ['a vote', event('m.poll.response'), SILENT],
  ['a vote of the unstable kind', event('org.matrix.msc3381.poll.response'), SILENT],
  ['the end of a poll', event('m.poll.end'), NOTIFY],
  ['@room of who may', message('x', { 'm.mentions': { room: true } }), { ...NOTIFY, highlightAll: true }, 50],
  ['@room of who may not', message('x', { 'm.mentions': { room: true } }), NOTIFY],
  ['the end of a room', event('m.room.tombstone', {}, ''), { ...NOTIFY, highlightAll: true }],
  ['a call', event('m.call.invite'), NOTIFY],
  ['a join that mentions', event('m.room.member', { membership: 'join', ...BOTH }, OTHER), SILENT],
  ['an invite', invite, { ...SILENT, invitedUserId: ME }],
  ['state', event('m.room.topic', {}, ''), SILENT],
  ['a redaction', event('m.room.redaction', {}), SILENT],
  ['mentions that are none', message('x', { 'm.mentions': { user_ids: ME } }), NOTIFY],
];

describe('class of an event', () => {
  for (const [title, pushEvent, expected, senderPowerLevel = 0] of ROWS) {
    it(`of ${title} is ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(classify(pushEvent, context({ senderPowerLevel })), expected);
    });

    it(`of ${title} says what the default rules say of every user`, () => {
      const { notify, highlightAll, mentionedUserIds, invitedUserId } = classify(
        pushEvent,
        context({ senderPowerLevel }),
      );
      for (const userId of [ME, '@x:a.test', '@nobody:a.test']) {
        const outcome = evaluate(defaultPushRules(userId), pushEvent, context({ userId, senderPowerLevel }));
        const mentioned = mentionedUserIds.includes(userId);
        assert.equal(outcome.notify, notify || mentioned || invitedUserId === userId, userId);
        assert.equal(outcome.highlight, highlightAll || mentioned, userId);
      }
    });
  }
});
