import assert from 'node:assert/strict';
import { parseKeys, planFallbackKeys, planOneTimeKeys } from '../../../src/services/encryption/one-time-keys.ts';
import type { OneTimeKeyRow } from '../../../src/storage/contract/device-keys.ts';

const row = (key_id: string, json: string, claimed = 0): OneTimeKeyRow => ({
  user_id: '@a:test.example',
  device_id: 'D',
  algorithm: 'signed_curve25519',
  key_id,
  position: 1,
  ordinal: 0,
  claimed,
  json,
});
const upload = (...ids: [id: string, key: string][]) =>
  parseKeys(Object.fromEntries(ids.map(([id, key]) => [`signed_curve25519:${id}`, key])));
const refusal = (errcode: string, text: RegExp) => (error: unknown) =>
  (error as { errcode: string }).errcode === errcode && text.test((error as Error).message);

describe('parseKeys', () => {
  it('splits ids at the first colon', () => {
    assert.deepEqual(parseKeys({ 'curve25519:AA:BB': 'key' }), [
      { algorithm: 'curve25519', keyId: 'AA:BB', json: '"key"' },
    ]);
  });

  for (const id of ['AAAA', 'signed_curve25519:', ':AAAA', '__proto__']) {
    it(`refuses ${JSON.stringify(id)} as the id of a key`, () => {
      const keys = JSON.parse(`{${JSON.stringify(id)}:"key"}`);
      assert.throws(() => parseKeys(keys), refusal('M_INVALID_PARAM', /algorithm:key_id/));
    });
  }

  it('refuses a key that cannot be signed', () => {
    assert.throws(() => parseKeys({ 'curve25519:A': { key: 1.5 } }), refusal('M_BAD_JSON', /canonical form/));
  });
});

describe('planOneTimeKeys', () => {
  it('leaves a key that is there already', () => {
    assert.deepEqual(planOneTimeKeys([row('A', '"a"')], upload(['A', 'a']), 10), { insert: [], forget: [] });
  });

  it('refuses another key of an id that is there', () => {
    assert.throws(
      () => planOneTimeKeys([row('A', '"a"')], upload(['A', 'b']), 10),
      refusal('M_INVALID_PARAM', /signed_curve25519:A already exists/),
    );
  });

  it('does not bring back a key that was given out when its upload is repeated', () => {
    const plan = planOneTimeKeys([row('A', '"a"', 1), row('B', '"b"')], upload(['A', 'a'], ['B', 'b']), 10);
    assert.deepEqual(plan, { insert: [], forget: [] });
  });

  it('forgets keys that were given out when new ones come', () => {
    const old = row('A', '"a"', 1);
    const repeated = row('B', '"b"', 1);
    const plan = planOneTimeKeys([old, repeated], upload(['B', 'b'], ['C', 'c']), 10);
    assert.deepEqual(
      plan.insert.map((key) => key.keyId),
      ['C'],
    );
    assert.deepEqual(plan.forget, [old]);
  });

  it('takes another key for an id that was given out', () => {
    const plan = planOneTimeKeys([row('A', '"a"', 1)], upload(['A', 'b']), 10);
    assert.equal(plan.insert.length, 1);
    assert.equal(plan.forget.length, 1);
  });

  it('is bounded per device, given-out keys aside', () => {
    const existing = [row('A', '"a"'), row('B', '"b"'), row('X', '"x"', 1)];
    assert.equal(planOneTimeKeys(existing, upload(['C', 'c']), 3).insert.length, 1);
    assert.throws(
      () => planOneTimeKeys(existing, upload(['C', 'c'], ['D', 'd']), 3),
      refusal('M_INVALID_PARAM', /3 one-time keys at most/),
    );
  });
});

describe('planFallbackKeys', () => {
  it('changes what is new only', () => {
    const existing = [
      { user_id: '@a:x', device_id: 'D', algorithm: 'signed_curve25519', key_id: 'A', used: 1, json: '"a"' },
    ];
    assert.deepEqual(planFallbackKeys(existing, upload(['A', 'a'])), []);
    assert.equal(planFallbackKeys(existing, upload(['B', 'b'])).length, 1);
  });

  it('refuses two keys of an algorithm', () => {
    assert.throws(
      () => planFallbackKeys([], upload(['A', 'a'], ['B', 'b'])),
      refusal('M_INVALID_PARAM', /one fallback/),
    );
  });
});
