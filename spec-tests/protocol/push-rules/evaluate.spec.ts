import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../../../src/protocol/json.ts';
import type { PushContext, PushEvent } from '../../../src/protocol/push-rules/conditions.ts';
import { NO_CUSTOMISATIONS, rulesetOf } from '../../../src/protocol/push-rules/customisations.ts';
import { evaluate } from '../../../src/protocol/push-rules/evaluate.ts';
import type { PushAction, PushRule, PushRuleKind, PushRuleset } from '../../../src/protocol/push-rules/push-rule.ts';
import { context, event, ME, message, OTHER, ROOM } from './push-event.ts';

const EMPTY = NO_CUSTOMISATIONS.own;

function rule(ruleId: string, fields: Partial<PushRule> = {}): PushRule {
  return { rule_id: ruleId, default: false, enabled: true, actions: ['notify'], ...fields };
}

function only(kind: PushRuleKind, ...rules: PushRule[]): PushRuleset {
  return { ...EMPTY, [kind]: rules };
}

function holds(condition: JsonObject, pushEvent: PushEvent, changes: Partial<PushContext> = {}): boolean {
  return evaluate(only('override', rule('x', { conditions: [condition] })), pushEvent, context(changes)).notify;
}

const match = (key: string, pattern: JsonValue): JsonObject => ({ kind: 'event_match', key, pattern });
const is = (key: string, value: JsonValue): JsonObject => ({ kind: 'event_property_is', key, value });
const contains = (key: string, value: JsonValue): JsonObject => ({ kind: 'event_property_contains', key, value });
const members = (text: JsonValue): JsonObject => ({ kind: 'room_member_count', is: text });
const topic = (value: JsonValue) => event('m.room.topic', { topic: value, 'm.federate': true, n: 1, none: null }, '');
const aliases = event('m.room.canonical_alias', { alias: '#a:b', alt_aliases: ['#c:d', 1, true, null, ['x'], {}] }, '');

const CONDITIONS: [JsonObject, PushEvent, boolean, Partial<PushContext>?][] = [
  [match('content.topic', 'lunc?*'), topic('Lunch plans'), true],
  [match('content.topic', 'lunc?*'), topic('LUNCH'), true],
  [match('content.topic', 'lunc?*'), topic(' lunch'), false],
  [match('content.topic', 'lunc?*'), topic('lunc'), false],
  [match('content.topic', '*'), topic(null), false],
  [match('content.topic', '*'), event('m.room.topic'), false],
  [match('content.topic', 'plans'), topic('lunch plans'), false],
  [match('content.topic', 5), topic('5'), false],
  [match('content.body', 'ex*ple'), message('An example event.'), true],
  [match('content.body', 'plans'), message('Lunch PLANS?'), true],
  [match('content.body', 'plan'), message('lunch plans'), false],
  [match('content.m\\.x.y', 'z'), event('a', { 'm.x': { y: 'Z' } }), true],
  [match('type', 'm.room.*'), message('x'), true],
  [match('room_id', ROOM), message('x'), true],
  [match('state_key', ''), topic('x'), true],
  [match('state_key', ''), message('x'), false],
  [match('state_key', '*'), topic('x'), true],
  [is('content.m\\.federate', true), topic('x'), true],
  [is('content.m\\.federate', 'true'), topic('x'), false],
  [is('content.m\\.federate', 1), topic('x'), false],
  [is('content.n', 1), topic('x'), true],
  [is('content.n', 1.5), event('a', { n: 1.5 }), false],
  [is('content.none', null), topic('x'), true],
  [is('content.missing', null), topic('x'), false],
  [is('content', {}), event('a', {}), false],
  [is('content.topic', 'Lunch'), topic('lunch'), false],
  [contains('content.alt_aliases', '#c:d'), aliases, true],
  [contains('content.alt_aliases', ':d'), aliases, false],
  [contains('content.alt_aliases', 1), aliases, true],
  [contains('content.alt_aliases', null), aliases, true],
  [contains('content.alt_aliases', ['x']), aliases, false],
  [contains('content.alias', '#a:b'), aliases, false],
  [contains('content.missing', 'x'), aliases, false],
  [{ kind: 'contains_display_name' }, message('ping meike [m]!'), true],
  [{ kind: 'contains_display_name' }, message('ping meike [m]!', { 'm.mentions': {} }), true],
  [{ kind: 'contains_display_name' }, message('ping me'), false],
  [{ kind: 'contains_display_name' }, message('anything'), false, { displayName: '' }],
  [{ kind: 'contains_display_name' }, message('anything'), false, { displayName: '*' }],
  [members('10'), message('x'), true],
  [members('==10'), message('x'), true],
  [members('<10'), message('x'), false],
  [members('<=10'), message('x'), true],
  [members('>9'), message('x'), true],
  [members('>=11'), message('x'), false],
  [members('many'), message('x'), false],
  [members(10), message('x'), false],
  [{ kind: 'sender_notification_permission', key: 'room' }, message('x'), false, { senderPowerLevel: 49 }],
  [{ kind: 'sender_notification_permission', key: 'room' }, message('x'), true, { senderPowerLevel: 50 }],
  [{ kind: 'sender_notification_permission', key: 'other' }, message('x'), false, { senderPowerLevel: 50 }],
  [{ kind: 'org.example.unknown' }, message('x'), false],
  [{}, message('x'), false],
];

describe('push conditions', () => {
  for (const [condition, pushEvent, expected, changes] of CONDITIONS) {
    it(`${expected ? 'match' : 'do not match'} ${JSON.stringify(pushEvent.content)} by ${JSON.stringify(condition)}`, () => {
      assert.equal(holds(condition, pushEvent, changes), expected);
    });
  }
});

const named = (name: string): PushAction[] => ['notify', { set_tweak: 'sound', value: name }];

describe('evaluation of push rules', () => {
  it('takes the kinds in the order of the specification', () => {
    const all: PushRuleset = {
      underride: [rule('u', { actions: named('underride') })],
      sender: [rule(OTHER, { actions: named('sender') })],
      room: [rule(ROOM, { actions: named('room') })],
      content: [rule('c', { pattern: 'tea', actions: named('content') })],
      override: [rule('o', { actions: named('override') })],
    };
    const kinds = ['override', 'content', 'room', 'sender', 'underride'] as const;
    let rules = all;
    for (const kind of kinds) {
      const outcome = evaluate(rules, message('some tea'), context());
      assert.deepEqual([outcome.kind, outcome.sound], [kind, kind]);
      rules = { ...rules, [kind]: [] };
    }
    assert.equal(evaluate(rules, message('some tea'), context()).notify, false);
  });

  it('takes the first rule of a kind that matches and is enabled', () => {
    const rules = only(
      'content',
      rule('off', { pattern: 'tea', enabled: false }),
      rule('other', { pattern: 'coffee' }),
      rule('tea', { pattern: 'tea' }),
      rule('time', { pattern: 'time' }),
    );
    assert.equal(evaluate(rules, message("It's time for tea"), context()).ruleId, 'tea');
  });

  it('matches by a rule without conditions', () => {
    assert.equal(evaluate(only('override', rule('x')), message('x'), context()).ruleId, 'x');
  });

  it('matches only where all conditions hold', () => {
    const conditions = [match('type', 'm.room.message'), match('content.body', 'tea')];
    assert.equal(evaluate(only('override', rule('x', { conditions })), message('coffee'), context()).ruleId, undefined);
  });

  it('matches room and sender rules by their ids', () => {
    const other = { ...message('x'), room_id: '!other:a.test', sender: '@x:a.test' };
    assert.equal(evaluate(only('room', rule(ROOM)), other, context()).notify, false);
    assert.equal(evaluate(only('sender', rule(OTHER)), other, context()).notify, false);
  });

  it('never notifies of own events', () => {
    assert.equal(evaluate(only('override', rule('x')), { ...message('x'), sender: ME }, context()).notify, false);
  });

  const ACTIONS: [PushAction[], boolean, boolean, JsonObject][] = [
    [[], false, false, {}],
    [['dont_notify'], false, false, {}],
    [['notify', 'coalesce'], true, false, {}],
    [['notify', { set_tweak: 'highlight' }], true, true, { highlight: true }],
    [['notify', { set_tweak: 'highlight', value: true }], true, true, { highlight: true }],
    [['notify', { set_tweak: 'highlight', value: false }], true, false, { highlight: false }],
    [[{ set_tweak: 'highlight' }], false, false, { highlight: true }],
    [['notify', { set_tweak: 'flash', value: 'red' }], true, false, { flash: 'red' }],
    [['notify', { set_tweak: 'sound' }, { set_tweak: 5 }], true, false, {}],
  ];
  for (const [actions, notify, highlight, tweaks] of ACTIONS) {
    it(`reads the actions ${JSON.stringify(actions)}`, () => {
      const outcome = evaluate(only('override', rule('x', { actions })), message('x'), context());
      assert.deepEqual([outcome.notify, outcome.highlight, { ...outcome.tweaks }], [notify, highlight, tweaks]);
    });
  }

  it('looks for mentions in the body only where the user has switched that on and the sender names nobody', () => {
    const ids = ['.m.rule.contains_display_name', '.m.rule.contains_user_name', '.m.rule.roomnotif'];
    const defaults = Object.fromEntries(ids.map((id) => [id, { enabled: true }]));
    const rules = rulesetOf(ME, { ...NO_CUSTOMISATIONS, defaults });
    const ruleOf = (pushEvent: PushEvent) => evaluate(rules, pushEvent, context({ senderPowerLevel: 50 })).ruleId;
    assert.equal(ruleOf(message('Meike [m]?')), '.m.rule.contains_display_name');
    assert.equal(ruleOf(message('ask me')), '.m.rule.contains_user_name');
    assert.equal(ruleOf(message('@room!')), '.m.rule.roomnotif');
    assert.equal(ruleOf(message('Meike [m], me, @room', { 'm.mentions': {} })), '.m.rule.message');
  });
});
