import assert from 'node:assert/strict';
import { oneTimeKeys } from '../../../support/device-key-maker.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('POST /keys/claim', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    await alice.ask('POST', '/v3/keys/upload', { one_time_keys: oneTimeKeys(alice, ['2']) });
    await alice.ask('POST', '/v3/keys/upload', { one_time_keys: oneTimeKeys(alice, ['1']) });
  });
  after(() => server.stop());

  const claim = async (wanted: object) => (await bob.ask('POST', '/v3/keys/claim', { one_time_keys: wanted })).body;

  it('gives out keys in the order of their upload, each once', async () => {
    const wanted = { [alice.userId]: { [alice.deviceId]: 'signed_curve25519' } };
    for (const id of ['2', '1']) {
      assert.deepEqual(await claim(wanted), {
        one_time_keys: { [alice.userId]: { [alice.deviceId]: oneTimeKeys(alice, [id]) } },
        failures: {},
      });
    }
    assert.deepEqual(await claim(wanted), { one_time_keys: {}, failures: {} });
  });

  it('leaves out devices and algorithms that have no keys, and names servers that cannot be asked', async () => {
    const body = await claim({
      [alice.userId]: { [alice.deviceId]: 'unknown', NONE: 'signed_curve25519' },
      '@carol:elsewhere.example': { D: 'signed_curve25519' },
    });
    assert.deepEqual(body.one_time_keys, {});
    assert.deepEqual(Object.keys(body.failures), ['elsewhere.example']);
  });
});
