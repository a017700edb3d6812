import assert from 'node:assert/strict';
import { KeyClaims } from '../../../src/services/encryption/key-claims.ts';
import { KeyCounts } from '../../../src/services/encryption/key-counts.ts';
import { NoticeBoard } from '../../../src/services/events.ts';
import { oneTimeKeys } from '../../support/device-key-maker.ts';
import { startTestServices, type TestServices } from '../../support/test-services.ts';

const alice = { userId: '@alice:test.example', deviceId: 'PHONE' };
const REQUEST = { [alice.userId]: { [alice.deviceId]: 'signed_curve25519' } };

describe('KeyClaims', () => {
  let test: TestServices;

  before(async () => {
    test = await startTestServices();
  });
  after(() => test.stop());

  /** Ids of the keys that a claim gave out. */
  const claim = async (claims: KeyClaims = test.services.keyClaims): Promise<string[]> => {
    const answer = (await claims.claim(REQUEST)) as Record<string, Record<string, object>>;
    return Object.keys(answer[alice.userId]?.[alice.deviceId] ?? {});
  };
  const upload = (oneTime: readonly string[], fallback: readonly string[] = []) =>
    test.services.deviceKeys.upload(alice, {
      deviceKeys: undefined,
      oneTimeKeys: oneTimeKeys(alice, oneTime) as Record<string, object> as never,
      fallbackKeys: oneTimeKeys(alice, fallback) as Record<string, object> as never,
    });

  it('gives out the oldest key first, in the order of the uploads', async () => {
    await upload(['Z']);
    await upload(['B', 'A']);
    assert.deepEqual(await claim(), ['signed_curve25519:Z']);
    assert.deepEqual(await claim(), ['signed_curve25519:B']);
    assert.deepEqual(await claim(), ['signed_curve25519:A']);
    assert.deepEqual(await claim(), []);
  });

  it('gives every key to one claimer only, then the fallback key, however many ask at once', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => `many${i}`);
    await upload(ids, ['fallback']);
    const given = (await Promise.all(Array.from({ length: 50 }, () => claim()))).flat();
    const oneTime = given.filter((id) => id !== 'signed_curve25519:fallback');
    assert.deepEqual(oneTime.toSorted(), ids.map((id) => `signed_curve25519:${id}`).toSorted());
    assert.equal(given.length, 50);
  });

  it('gives every key to one claimer only across processes', async () => {
    const { storage } = test.services;
    const notices = new NoticeBoard();
    const other = new KeyClaims(storage, new KeyCounts(storage, notices, { devices: 10 }));
    await upload(Array.from({ length: 20 }, (_, i) => `shared${i}`));
    const claims = Array.from({ length: 20 }, (_, i) => claim(i % 2 === 0 ? test.services.keyClaims : other));
    const given = (await Promise.all(claims)).flat();
    assert.equal(new Set(given).size, 20);
  });

  it('tells the device what is left, and that its fallback key is used', async () => {
    await upload(['left1', 'left2'], ['fallback2']);
    assert.deepEqual(
      { ...(await test.services.deviceKeys.counts(alice.userId, alice.deviceId)).oneTimeKeyCounts },
      {
        signed_curve25519: 2,
      },
    );
    await claim();
    const after = await test.services.deviceKeys.counts(alice.userId, alice.deviceId);
    assert.deepEqual({ ...after.oneTimeKeyCounts }, { signed_curve25519: 1 });
    assert.deepEqual(after.unusedFallbackKeyTypes, ['signed_curve25519']);
    await claim();
    await claim();
    const used = await test.services.deviceKeys.counts(alice.userId, alice.deviceId);
    assert.deepEqual({ ...used.oneTimeKeyCounts }, { signed_curve25519: 0 });
    assert.deepEqual(used.unusedFallbackKeyTypes, []);
  });

  it('does not give out a key again when its upload is repeated', async () => {
    await upload(['again']);
    assert.deepEqual(await claim(), ['signed_curve25519:again']);
    await upload(['again']);
    assert.deepEqual(await claim(), ['signed_curve25519:fallback2']);
  });
});
