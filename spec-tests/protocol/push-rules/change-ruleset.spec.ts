import assert from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { JsonObject, JsonValue } from '../../../src/protocol/json.ts';
import {
  deleteRule,
  type RuleChange,
  setRule,
  setRuleActions,
  setRuleEnabled,
} from '../../../src/protocol/push-rules/change-ruleset.ts';
import {
  NO_CUSTOMISATIONS,
  type PushRuleCustomisations,
  rulesetOf,
} from '../../../src/protocol/push-rules/customisations.ts';
import { findRule, type PushRuleKind } from '../../../src/protocol/push-rules/push-rule.ts';
import { ME, ROOM } from './push-event.ts';

function done(change: RuleChange): PushRuleCustomisations {
  if (change instanceof MatrixError) throw change;
  return change;
}

function failure(change: RuleChange): [number, string] {
  assert.ok(change instanceof MatrixError);
  return [change.status, change.errcode];
}

const keyword = (pattern = 'cake'): JsonObject => ({ pattern, actions: ['notify'] });

/** Keywords a, b and c, a the most important. */
function three(): PushRuleCustomisations {
  return ['c', 'b', 'a'].reduce((all, id) => done(setRule(all, 'content', id, keyword(id))), NO_CUSTOMISATIONS);
}

const ids = ({ own }: PushRuleCustomisations, kind: PushRuleKind = 'content') =>
  own[kind].map(({ rule_id }) => rule_id).join('');

describe('adding push rules', () => {
  it('puts a new rule before the others of its kind, enabled', () => {
    const rules = three();
    assert.equal(ids(rules), 'abc');
    assert.deepEqual(rules.own.content[0], {
      rule_id: 'a',
      default: false,
      enabled: true,
      actions: ['notify'],
      pattern: 'a',
    });
  });

  it('replaces a rule of the same id where it stands, and leaves it off if it is off', () => {
    const off = done(setRuleEnabled(three(), 'content', 'b', false));
    const rules = done(setRule(off, 'content', 'b', keyword('new')));
    assert.equal(ids(rules), 'abc');
    assert.deepEqual([rules.own.content[1]?.pattern, rules.own.content[1]?.enabled], ['new', false]);
  });

  const PLACES: [string, { before?: string; after?: string }, string][] = [
    ['x', { before: 'b' }, 'axbc'],
    ['x', { after: 'b' }, 'abxc'],
    ['x', { before: 'a' }, 'xabc'],
    ['x', { after: 'c' }, 'abcx'],
    ['x', { before: 'b', after: 'c' }, 'axbc'],
    ['a', { after: 'c' }, 'bca'],
    ['c', { before: 'a' }, 'cab'],
    ['b', { before: 'b' }, 'abc'],
  ];
  for (const [id, place, expected] of PLACES) {
    it(`puts ${id} among abc by ${JSON.stringify(place)}: ${expected}`, () => {
      assert.equal(ids(done(setRule(three(), 'content', id, keyword(), place))), expected);
    });
  }

  for (const place of [
    { before: 'nope' },
    { after: 'nope' },
    { before: '.m.rule.contains_user_name' },
    { before: 'x' },
  ]) {
    it(`cannot place a rule by ${JSON.stringify(place)}`, () => {
      const change = setRule(three(), 'content', 'x', keyword(), place);
      assert.deepEqual(failure(change), [400, 'M_UNKNOWN']);
      assert.equal((change as MatrixError).message, `before/after rule not found: ${place.before ?? place.after}`);
    });
  }

  it('knows rules of other kinds as others', () => {
    const change = setRule(three(), 'override', 'x', { actions: [] }, { before: 'a' });
    assert.deepEqual(failure(change), [400, 'M_UNKNOWN']);
  });

  const WRONG: [string, PushRuleKind, string, JsonObject, [number, string]][] = [
    ['an id of default rules', 'override', '.mine', { actions: [] }, [400, 'M_INVALID_PARAM']],
    ['the id of a default rule', 'override', '.m.rule.master', { actions: [] }, [400, 'M_INVALID_PARAM']],
    ['an id with a slash', 'override', 'a/b', { actions: [] }, [400, 'M_INVALID_PARAM']],
    ['an id with a backslash', 'override', 'a\\b', { actions: [] }, [400, 'M_INVALID_PARAM']],
    ['an empty id', 'override', '', { actions: [] }, [400, 'M_INVALID_PARAM']],
    ['a long id', 'override', 'x'.repeat(1025), { actions: [] }, [413, 'M_TOO_LARGE']],
    ['no actions', 'room', ROOM, {}, [400, 'M_MISSING_PARAM']],
    ['actions that are no list', 'room', ROOM, { actions: 'notify' }, [400, 'M_BAD_JSON']],
    ['an unknown action', 'room', ROOM, { actions: ['stupid'] }, [400, 'M_INVALID_PARAM']],
    ['an action that is no action', 'room', ROOM, { actions: [5] }, [400, 'M_INVALID_PARAM']],
    ['a content rule without pattern', 'content', 'x', { actions: [] }, [400, 'M_MISSING_PARAM']],
    ['a pattern that is no string', 'content', 'x', { actions: [], pattern: 1 }, [400, 'M_BAD_JSON']],
    ['a long pattern', 'content', 'x', { actions: [], pattern: 'x'.repeat(1025) }, [413, 'M_TOO_LARGE']],
    ['conditions that are no list', 'override', 'x', { actions: [], conditions: {} }, [400, 'M_BAD_JSON']],
    ['a condition without kind', 'override', 'x', { actions: [], conditions: [{}] }, [400, 'M_BAD_JSON']],
    [
      'too many conditions',
      'override',
      'x',
      { actions: [], conditions: Array(51).fill({ kind: 'a' }) },
      [413, 'M_TOO_LARGE'],
    ],
    [
      'a long condition',
      'override',
      'x',
      { actions: [], conditions: [{ kind: 'x'.repeat(1025) }] },
      [413, 'M_TOO_LARGE'],
    ],
  ];
  for (const [title, kind, id, body, expected] of WRONG) {
    it(`refuses ${title}`, () => assert.deepEqual(failure(setRule(NO_CUSTOMISATIONS, kind, id, body)), expected));
  }

  it('refuses new rules beyond the most that a user may have, and still replaces old ones', () => {
    const limits = { rules: 3, conditions: 5, characters: 50 };
    assert.deepEqual(failure(setRule(three(), 'room', ROOM, { actions: [] }, {}, limits)), [413, 'M_TOO_LARGE']);
    assert.equal(ids(done(setRule(three(), 'content', 'a', keyword(), {}, limits))), 'abc');
  });

  it('takes rules without conditions, and actions of extensions, and keeps actions of the past', () => {
    const actions: JsonValue[] = ['dont_notify', 'coalesce', 'org.example.action', { set_tweak: 'sound', value: 'x' }];
    const rules = done(setRule(NO_CUSTOMISATIONS, 'override', 'x', { actions }));
    assert.deepEqual(rules.own.override[0], {
      rule_id: 'x',
      default: false,
      enabled: true,
      actions,
      conditions: [],
    });
  });
});

describe('changing push rules', () => {
  it('deletes own rules', () => assert.equal(ids(done(deleteRule(three(), 'content', 'b'))), 'ac'));

  const FAILURES: [string, RuleChange, [number, string]][] = [
    ['to delete a rule that is not there', deleteRule(three(), 'room', 'a'), [404, 'M_NOT_FOUND']],
    ['to delete a default rule', deleteRule(three(), 'override', '.m.rule.master'), [400, 'M_INVALID_PARAM']],
    [
      'to delete what is no default rule of this kind',
      deleteRule(three(), 'room', '.m.rule.master'),
      [404, 'M_NOT_FOUND'],
    ],
    ['to switch a rule that is not there', setRuleEnabled(three(), 'room', 'a', true), [404, 'M_NOT_FOUND']],
    [
      'to switch a default rule of another kind',
      setRuleEnabled(three(), 'room', '.m.rule.message', true),
      [404, 'M_NOT_FOUND'],
    ],
    ['to switch without saying how', setRuleEnabled(three(), 'content', 'a', undefined), [400, 'M_MISSING_PARAM']],
    ['to switch to what is no boolean', setRuleEnabled(three(), 'content', 'a', 'yes'), [400, 'M_BAD_JSON']],
    ['to give actions to a rule that is not there', setRuleActions(three(), 'room', 'a', []), [404, 'M_NOT_FOUND']],
    ['to give unknown actions', setRuleActions(three(), 'content', 'a', ['x']), [400, 'M_INVALID_PARAM']],
    ['to give no actions', setRuleActions(three(), 'content', 'a', undefined), [400, 'M_MISSING_PARAM']],
  ];
  for (const [title, change, expected] of FAILURES) {
    it(`refuses ${title}`, () => assert.deepEqual(failure(change), expected));
  }

  it('switches own rules off and gives them other actions', () => {
    const off = done(setRuleEnabled(three(), 'content', 'b', false));
    const rules = done(setRuleActions(off, 'content', 'b', ['notify', { set_tweak: 'highlight' }]));
    const rule = findRule(rulesetOf(ME, rules), 'content', 'b');
    assert.deepEqual([rule?.enabled, rule?.actions], [false, ['notify', { set_tweak: 'highlight' }]]);
    assert.equal(ids(rules), 'abc');
  });

  it('switches default rules and gives them other actions', () => {
    const on = done(setRuleEnabled(NO_CUSTOMISATIONS, 'override', '.m.rule.master', true));
    const rules = done(setRuleActions(on, 'underride', '.m.rule.message', []));
    const ruleset = rulesetOf(ME, rules);
    assert.equal(findRule(ruleset, 'override', '.m.rule.master')?.enabled, true);
    assert.deepEqual(findRule(ruleset, 'underride', '.m.rule.message')?.actions, []);
  });

  it('leaves no trace of what is changed back to the default', () => {
    const off = done(setRuleEnabled(NO_CUSTOMISATIONS, 'underride', '.m.rule.message', false));
    const silent = done(setRuleActions(off, 'underride', '.m.rule.message', []));
    const on = done(setRuleEnabled(silent, 'underride', '.m.rule.message', true));
    assert.deepEqual(done(setRuleActions(on, 'underride', '.m.rule.message', ['notify'])), NO_CUSTOMISATIONS);
  });

  it('leaves what it was given as it was', () => {
    const before = three();
    const copy = structuredClone(before);
    done(setRule(before, 'content', 'a', keyword('new'), { after: 'c' }));
    done(setRuleEnabled(before, 'underride', '.m.rule.message', false));
    done(deleteRule(before, 'content', 'a'));
    assert.deepEqual(before, copy);
  });
});
