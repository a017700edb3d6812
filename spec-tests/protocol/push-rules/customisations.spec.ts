import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import {
  NO_CUSTOMISATIONS,
  ownRulesApplyIn,
  ownRulesReach,
  type PushRuleCustomisations,
  rulesetOf,
} from '../../../src/protocol/push-rules/customisations.ts';
import { defaultPushRules } from '../../../src/protocol/push-rules/default-rules.ts';
import type { PushRule, PushRuleKind } from '../../../src/protocol/push-rules/push-rule.ts';
import { ME, OTHER, ROOM } from './push-event.ts';

function rule(ruleId: string, fields: Partial<PushRule> = {}): PushRule {
  return { rule_id: ruleId, default: false, enabled: true, actions: [], ...fields };
}

function own(kind: PushRuleKind, ...rules: PushRule[]): PushRuleCustomisations {
  return { ...NO_CUSTOMISATIONS, own: { ...NO_CUSTOMISATIONS.own, [kind]: rules } };
}

const inRoom = (pattern: string): JsonObject => ({ kind: 'event_match', key: 'room_id', pattern });

describe('push rules of a user', () => {
  it('are the default rules where nothing is changed', () => {
    assert.deepEqual(rulesetOf(ME, NO_CUSTOMISATIONS), defaultPushRules(ME));
  });

  it('have own rules before default rules, but after the master', () => {
    const ids = rulesetOf(ME, own('override', rule('a'), rule('b'))).override.map(({ rule_id }) => rule_id);
    assert.deepEqual(ids.slice(0, 4), ['.m.rule.master', 'a', 'b', '.m.rule.suppress_notices']);
  });

  it('have changes of default rules, and pay no heed to changes of rules that are gone', () => {
    const defaults = { '.m.rule.message': { enabled: false }, '.m.rule.gone': { enabled: false } };
    const ruleset = rulesetOf(ME, { ...NO_CUSTOMISATIONS, defaults });
    assert.deepEqual(
      ruleset.underride.filter(({ enabled }) => !enabled).map(({ rule_id }) => rule_id),
      ['.m.rule.message'],
    );
  });
});

describe('reach of own push rules', () => {
  const ROWS: [string, PushRuleCustomisations, everywhere: boolean, rooms: string[]][] = [
    ['nothing', NO_CUSTOMISATIONS, false, []],
    ['a room rule', own('room', rule(ROOM)), false, [ROOM]],
    ['a muted room', own('override', rule(ROOM, { conditions: [inRoom(ROOM)] })), false, [ROOM]],
    ['a pattern of rooms', own('override', rule('x', { conditions: [inRoom('!*:a.test')] })), true, []],
    ['a keyword', own('content', rule('x', { pattern: 'tea' })), true, []],
    ['a sender', own('sender', rule(OTHER)), true, []],
    ['a rule without conditions', own('underride', rule('x')), true, []],
    ['rules that are off', own('content', rule('x', { pattern: 'tea', enabled: false })), false, []],
    ['a changed default rule', { ...NO_CUSTOMISATIONS, defaults: { '.m.rule.message': { actions: [] } } }, true, []],
  ];
  for (const [title, customisations, everywhere, rooms] of ROWS) {
    it(`of ${title} is ${everywhere ? 'everywhere' : rooms.join() || 'nowhere'}`, () => {
      const reach = ownRulesReach(customisations);
      assert.deepEqual([reach.everywhere, [...reach.rooms]], [everywhere, rooms]);
      assert.equal(ownRulesApplyIn(reach, ROOM), everywhere || rooms.length > 0);
      assert.equal(ownRulesApplyIn(reach, '!other:a.test'), everywhere);
    });
  }
});
