import assert from 'node:assert/strict';
import { deviceKeyPair, oneTimeKeys, signedDeviceKeys, unsignedDeviceKeys } from '../../../support/device-key-maker.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('POST /keys/upload', () => {
  let server: TestHomeserver;
  let alice: TestUser;

  before(async () => {
    server = await startTestHomeserver({ limits: { one_time_keys_per_device: 5 } });
    alice = await server.register('alice');
  });
  after(() => server.stop());

  const upload = (body: object, user = alice) => user.ask('POST', '/v3/keys/upload', body);
  const assertRefused = async (body: object, errcode: string) => {
    const answer = await upload(body);
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.errcode, errcode);
    return answer.body.error as string;
  };

  it('answers how many one-time keys of each algorithm are left', async () => {
    const empty = await upload({});
    assert.deepEqual(empty.body, { one_time_key_counts: { signed_curve25519: 0 } });
    const one = await upload({ device_keys: signedDeviceKeys(alice), one_time_keys: oneTimeKeys(alice, ['A', 'B']) });
    assert.deepEqual(one.body, { one_time_key_counts: { signed_curve25519: 2 } });
    const two = await upload({ one_time_keys: { 'curve25519:A': 'bare' } });
    assert.deepEqual(two.body, { one_time_key_counts: { signed_curve25519: 2, curve25519: 1 } });
  });

  it('may be repeated', async () => {
    const body = { device_keys: signedDeviceKeys(alice), one_time_keys: oneTimeKeys(alice, ['B', 'C']) };
    for (let i = 0; i < 2; i++) {
      const { body: answer } = await upload(body);
      assert.equal(answer.one_time_key_counts.signed_curve25519, 3);
    }
  });

  it('refuses another key under an id that is there', async () => {
    const error = await assertRefused({ one_time_keys: { 'curve25519:A': 'other' } }, 'M_INVALID_PARAM');
    assert.match(error, /One time key curve25519:A already exists/);
  });

  it('refuses more one-time keys than a device may have', async () => {
    await assertRefused({ one_time_keys: oneTimeKeys(alice, ['D', 'E', 'F']) }, 'M_INVALID_PARAM');
  });

  it('refuses keys of somebody else or of another device', async () => {
    const { userId, deviceId } = alice;
    const other = signedDeviceKeys({ userId: '@bob:test.example', deviceId });
    await assertRefused({ device_keys: other }, 'M_INVALID_PARAM');
    await assertRefused({ device_keys: signedDeviceKeys({ userId, deviceId: 'OTHER' }) }, 'M_INVALID_PARAM');
  });

  it('refuses device keys without the members they must have', async () => {
    const { userId: user_id, deviceId: device_id } = alice;
    await assertRefused({ device_keys: { user_id, device_id } }, 'M_BAD_JSON');
    await assertRefused({ one_time_keys: { 'signed_curve25519:G': { signatures: {} } } }, 'M_BAD_JSON');
  });

  it('refuses a wrong signature of the device', async () => {
    const keys = signedDeviceKeys(alice);
    await assertRefused({ device_keys: { ...keys, algorithms: [] } }, 'M_INVALID_SIGNATURE');
    const stranger = deviceKeyPair({ userId: alice.userId, deviceId: 'OTHER' });
    const forged = stranger.sign(unsignedDeviceKeys(alice), alice.userId, `ed25519:${alice.deviceId}`);
    await assertRefused({ device_keys: forged }, 'M_INVALID_SIGNATURE');
  });

  it('lets device keys through that bear no signature', async () => {
    const bob = await server.register('bob');
    assert.equal((await upload({ device_keys: unsignedDeviceKeys(bob) }, bob)).status, 200);
    const { body } = await bob.ask('POST', '/v3/keys/query', { device_keys: { [bob.userId]: [] } });
    assert.deepEqual(body.device_keys[bob.userId][bob.deviceId].keys, unsignedDeviceKeys(bob)['keys']);
  });

  it('takes fallback keys, by the name they had before they were specified, too', async () => {
    const carol = await server.register('carol');
    await upload({ 'org.matrix.msc2732.fallback_keys': oneTimeKeys(carol, ['F']) }, carol);
    const claim = { one_time_keys: { [carol.userId]: { [carol.deviceId]: 'signed_curve25519' } } };
    for (let i = 0; i < 2; i++) {
      const { body } = await alice.ask('POST', '/v3/keys/claim', claim);
      assert.deepEqual(body.one_time_keys[carol.userId][carol.deviceId], oneTimeKeys(carol, ['F']));
    }
  });

  it('begins anew for a device that logs in again after it was deleted', async () => {
    const dave = await server.register('dave');
    await upload({ device_keys: signedDeviceKeys(dave), one_time_keys: oneTimeKeys(dave, ['A']) }, dave);
    await dave.ask('POST', '/v3/logout');
    const again = await server.login('dave', dave.deviceId);
    assert.equal((await upload({}, again)).body.one_time_key_counts.signed_curve25519, 0);
    const { body } = await again.ask('POST', '/v3/keys/query', { device_keys: { [dave.userId]: [] } });
    assert.deepEqual(body.device_keys, { [dave.userId]: {} });
  });
});
