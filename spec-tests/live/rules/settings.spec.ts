import assert from 'node:assert/strict';
import { findSettingsProblem, mergeSettings, parseSettings } from '../../../src/live/rules/settings.ts';
import { effectiveSettings, isShieldUp, parseShield } from '../../../src/live/rules/shield.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { NOW } from './attempts.ts';

describe('live settings', () => {
  it('have defaults where the room says nothing', () => {
    const settings = parseSettings(undefined);
    assert.deepEqual(parseSettings({}), settings);
    assert.equal(settings.slow, 0);
    assert.equal(settings.followersOnly, null);
    assert.equal(settings.maxLength, 500);
    assert.equal(settings.links, 'allow');
    assert.equal(settings.images, false);
  });

  const LENIENT: [
    content: JsonObject,
    key: 'slow' | 'followersOnly' | 'links' | 'maxLength' | 'emoteOnly',
    value: unknown,
  ][] = [
    [{ slow: 30 }, 'slow', 30],
    [{ slow: 1e9 }, 'slow', 21_600],
    [{ slow: -1 }, 'slow', 0],
    [{ slow: 1.9 }, 'slow', 1],
    [{ slow: '30' }, 'slow', 0],
    [{ followers_only: 0 }, 'followersOnly', 0],
    [{ followers_only: null }, 'followersOnly', null],
    [{ followers_only: 1e9 }, 'followersOnly', 129_600],
    [{ links: 'block' }, 'links', 'block'],
    [{ links: 'maybe' }, 'links', 'allow'],
    [{ max_length: 0 }, 'maxLength', 1],
    [{ emote_only: 1 }, 'emoteOnly', false],
  ];
  for (const [content, key, value] of LENIENT) {
    it(`reads ${JSON.stringify(content)} of a room as ${key} ${value}`, () => {
      assert.equal(parseSettings(content)[key], value);
    });
  }

  const PATCHES: [patch: JsonObject, problem: string | undefined][] = [
    [{ slow: 30, followers_only: null, unique: { min_length: 9, window_s: 60 } }, undefined],
    [{ 'org.example.extra': { a: 1 } }, undefined],
    [{ exempt: { slow: ['vip'] }, rules: ['Be kind'], verified: ['email'] }, undefined],
    [{ slow: -1 }, 'slow'],
    [{ slow: 1.5 }, 'slow'],
    [{ followers_only: 'yes' }, 'followers_only'],
    [{ subscribers_only: 4 }, 'subscribers_only'],
    [{ unique: { min_length: 9 } }, 'unique'],
    [{ links: 'maybe' }, 'links'],
    [{ verified: ['face'] }, 'verified'],
    [{ rules: ['x'.repeat(201)] }, 'rules'],
    [{ exempt: { gravity: ['vip'] } }, 'exempt'],
    [{ reactions: { enabled: true, keys: ['🔥', '🔥'] } }, 'reactions'],
    [JSON.parse('{"__proto__": 1, "constructor": 2}') as JsonObject, undefined],
  ];
  for (const [patch, problem] of PATCHES) {
    it(`${problem === undefined ? 'takes' : `refuses ${problem} of`} the change ${JSON.stringify(patch)}`, () => {
      assert.equal(findSettingsProblem(patch), problem);
    });
  }

  it('keep keys that nobody knows when they are changed', () => {
    const merged = mergeSettings({ slow: 5, 'org.example.extra': 1 }, { slow: 30 });
    assert.deepEqual(merged, { slow: 30, 'org.example.extra': 1 });
  });
});

describe('shield mode', () => {
  const preset = { followers_only: 1440, slow: 30, links: 'block', first_time: 'hold', delay: 4, display_rate: 5 };
  const up = parseShield({ active: true, until: NOW + 1000, preset });

  it('is up until its time is over', () => {
    assert.equal(isShieldUp(up, NOW), true);
    assert.equal(isShieldUp(up, NOW + 1000), false);
    assert.equal(isShieldUp(parseShield({ active: 'yes', preset }), NOW), false);
    assert.equal(isShieldUp(parseShield({ active: true }), NOW), true);
    assert.equal(isShieldUp(parseShield(undefined), NOW), false);
  });

  it('makes settings stricter field by field, and none laxer', () => {
    const own = parseSettings({ slow: 60, subscribers_only: 2, links: 'hold', max_length: 100, emote_only: true });
    const settings = effectiveSettings(own, up, NOW);
    assert.deepEqual(
      { ...settings, exempt: [...settings.exempt] },
      {
        ...{ ...own, exempt: [] },
        ...{ followersOnly: 1440, links: 'block', firstTime: 'hold', delay: 4, displayRate: 5 },
      },
    );
    assert.equal(effectiveSettings(own, up, NOW + 1000), own);
  });

  it('takes exemptions back where its preset names them', () => {
    const own = parseSettings({ exempt: { slow: ['vip', 'subscriber'], links: ['vip'] } });
    const shield = parseShield({ active: true, preset: { exempt: { slow: ['vip'] } } });
    assert.deepEqual(
      [...effectiveSettings(own, shield, NOW).exempt],
      [
        ['slow', ['vip']],
        ['links', []],
      ],
    );
    assert.equal(effectiveSettings(own, up, NOW).exempt, own.exempt);
  });
});
