import assert from 'node:assert/strict';
import { badgesOf } from '../../../src/live/rules/badges.ts';
import { expiredClaims, NO_CLAIMS, readClaims } from '../../../src/live/rules/claims.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { VIEWER } from './attempts.ts';

const MEANINGS = new Map([
  ['vip', { role: 'vip', tier: 0 }],
  ['subscriber', { role: 'subscriber', tier: 1 }],
  ['patron', { role: 'supporter', tier: 2 }],
]);

describe('claims of the platform', () => {
  it('are read field by field, times in seconds', () => {
    const claims = readClaims(
      {
        ...{ roles: ['VIP'], follow_since: 1_788_000_000, tier: 1, sub_months: 6, acct: 1_761_000_000 },
        ...{ ver: ['email', 'shoe size'], badges: [['sub', '6'], ['early']], email: 'zed@example.org' },
      },
      MEANINGS,
    );
    assert.deepEqual(claims, {
      ...{ roles: ['vip'], followingSince: 1_788_000_000_000, tier: 1, subscribedMonths: 6 },
      ...{ accountSince: 1_761_000_000_000, verified: ['email'] },
      badges: [
        ['sub', '6'],
        ['early', '1'],
      ],
    });
  });

  it('give the roles that the configuration knows, whatever their capitals, and the tier they stand for', () => {
    const { roles, tier } = readClaims({ roles: ['Patron', 'patron', 'moderator', 'Owner'] }, MEANINGS);
    assert.deepEqual(roles, ['supporter']);
    assert.equal(tier, 2);
  });

  for (const [what, json] of [
    ['nothing', {}],
    [
      'other types',
      { roles: 'vip', follow_since: 'yes', tier: 1.5, sub_months: -1, acct: null, ver: 1, badges: [1, []] },
    ],
    ['names that are too long', { roles: ['v'.repeat(65)], badges: [['b'.repeat(65)]] }],
    ['keys of every object', JSON.parse('{"__proto__":{"tier":3,"roles":["vip"]}}') as JsonObject],
  ] as [string, JsonObject][]) {
    it(`are none where there is ${what}`, () => {
      assert.deepEqual(readClaims(json, MEANINGS), NO_CLAIMS);
    });
  }

  it('have bounds', () => {
    const many = Array.from({ length: 200 }, (_, n) => [`badge${n}`]);
    const { badges, tier } = readClaims({ badges: many, tier: 99 }, MEANINGS);
    assert.equal(badges.length, 8);
    assert.equal(tier, 3);
  });

  it('open nothing once nobody confirms them, but still show who somebody is', () => {
    const claims = readClaims({ roles: ['vip'], follow_since: 1, tier: 2, sub_months: 6 }, MEANINGS);
    const left = expiredClaims(claims);
    assert.equal(left.tier, 0);
    assert.equal(left.followingSince, undefined);
    const names = new Map<string, string>();
    assert.deepEqual(
      new Map(badgesOf({ ...VIEWER, ...left }, names)),
      new Map(badgesOf({ ...VIEWER, ...claims }, names)),
    );
  });
});
