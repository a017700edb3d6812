import assert from 'node:assert/strict';
import { CrossSigningMaker, signedDeviceKeys } from '../../../support/device-key-maker.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('POST /keys/query', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let phone: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    phone = await server.login('alice', 'PHONE');
    bob = await server.register('bob');
    await alice.ask('POST', '/v3/keys/upload', { device_keys: { ...signedDeviceKeys(alice), unsigned: { a: 'b' } } });
    await phone.ask('POST', '/v3/keys/upload', { device_keys: signedDeviceKeys(phone) });
    await alice.ask('POST', '/v3/keys/device_signing/upload', new CrossSigningMaker(alice.userId).upload);
    await phone.ask('PUT', '/v3/devices/PHONE', { display_name: 'My phone' });
  });
  after(() => server.stop());

  const query = async (user: TestUser, devices: object) =>
    (await user.ask('POST', '/v3/keys/query', { device_keys: devices })).body;

  it('answers the keys of all devices as they were uploaded, with their names', async () => {
    const body = await query(bob, { [alice.userId]: [] });
    assert.deepEqual(body.device_keys[alice.userId], {
      [alice.deviceId]: { ...signedDeviceKeys(alice), unsigned: { a: 'b' } },
      PHONE: { ...signedDeviceKeys(phone), unsigned: { device_display_name: 'My phone' } },
    });
    assert.deepEqual(body.failures, {});
  });

  it('answers the devices that were asked for', async () => {
    const body = await query(bob, { [alice.userId]: ['PHONE', 'NONE'] });
    assert.deepEqual(Object.keys(body.device_keys[alice.userId]), ['PHONE']);
  });

  it('answers nothing of users without keys', async () => {
    assert.deepEqual((await query(alice, { [bob.userId]: [] })).device_keys, { [bob.userId]: {} });
  });

  it('shows the user-signing key to its owner alone', async () => {
    const keys = new CrossSigningMaker(alice.userId).upload;
    const seen = await query(bob, { [alice.userId]: [] });
    assert.deepEqual(seen.master_keys[alice.userId], { ...keys.master_key, signatures: {} });
    assert.deepEqual(seen.self_signing_keys, { [alice.userId]: keys.self_signing_key });
    assert.deepEqual(seen.user_signing_keys, {});
    const own = await query(phone, { [alice.userId]: [] });
    assert.deepEqual(own.user_signing_keys, { [alice.userId]: keys.user_signing_key });
  });

  it('names servers that cannot be asked', async () => {
    const body = await query(bob, { '@carol:elsewhere.example': [] });
    assert.deepEqual(Object.keys(body.failures), ['elsewhere.example']);
    assert.deepEqual(body.device_keys, {});
  });

  it('refuses a query of another form', async () => {
    const none = await bob.ask('POST', '/v3/keys/query', {});
    assert.equal(none.body.errcode, 'M_MISSING_PARAM');
    const wrong = await bob.ask('POST', '/v3/keys/query', { device_keys: { [alice.userId]: {} } });
    assert.equal(wrong.body.errcode, 'M_BAD_JSON');
  });
});
