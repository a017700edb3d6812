import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../src/protocol/json.ts';
import { CrossSigningMaker, oneTimeKeys, signedDeviceKeys } from '../../../support/device-key-maker.ts';
import { bodyOf, reply, type ScriptedServer, startScriptedServer } from '../../../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../../support/test-federation.ts';
import { TEST_PASSWORD, type TestUser } from '../../../support/test-homeserver.ts';

describe('Keys of devices across servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let scripted: ScriptedServer;
  let alice: TestUser;
  let bob: TestUser;
  let ofAlice: CrossSigningMaker;
  let ofBob: CrossSigningMaker;

  const setUp = async (user: TestUser, maker: CrossSigningMaker) => {
    await user.ask('POST', '/v3/keys/upload', {
      device_keys: signedDeviceKeys(user),
      one_time_keys: oneTimeKeys(user, ['1', '2']),
    });
    const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: user.userId } };
    const answer = await user.ask('POST', '/v3/keys/device_signing/upload', {
      ...maker.upload,
      auth: { ...auth, password: TEST_PASSWORD },
    });
    assert.equal(answer.status, 200);
  };

  before(async function () {
    federation = await startTestFederation(this, 2);
    [here, there] = federation.servers as [TestPeer, TestPeer];
    scripted = await startScriptedServer(federation.ca, federation.clock);
    alice = await there.register('alice');
    bob = await here.register('bob');
    ofAlice = new CrossSigningMaker(alice.userId);
    ofBob = new CrossSigningMaker(bob.userId);
    await setUp(alice, ofAlice);
    await setUp(bob, ofBob);
  });
  after(async () => {
    await scripted?.close();
    await federation?.stop();
  });

  const query = async (device_keys: object, user = bob) => {
    const { status, body } = await user.ask('POST', '/v3/keys/query', { device_keys });
    assert.equal(status, 200);
    return body;
  };

  it('are asked for where the user is, without the key that is nobody else’s business', async () => {
    const body = await query({ [alice.userId]: [], [bob.userId]: [] });
    const { [alice.deviceId]: device } = body.device_keys[alice.userId];
    assert.deepEqual(device.keys, signedDeviceKeys(alice)['keys']);
    assert.equal(device.unsigned, undefined);
    assert.deepEqual(Object.keys(body.master_keys).sort(), [alice.userId, bob.userId].sort());
    assert.deepEqual(body.self_signing_keys[alice.userId].keys, ofAlice.upload.self_signing_key['keys']);
    assert.equal(body.user_signing_keys[alice.userId], undefined);
    assert.deepEqual(body.failures, {});
  });

  it('are those that were asked for', async () => {
    assert.deepEqual((await query({ [alice.userId]: ['NONE'] })).device_keys[alice.userId], {});
  });

  it('bear the signature that a user here has put on them, for that user alone', async () => {
    const signed = ofBob.userSigning.sign(structuredClone(ofAlice.masterKey), bob.userId);
    const upload = { [alice.userId]: { [ofAlice.master.publicKey]: signed } };
    const { body } = await bob.ask('POST', '/v3/keys/signatures/upload', upload);
    assert.deepEqual(body, { failures: {} });
    const seen = (await query({ [alice.userId]: [] })).master_keys[alice.userId];
    assert.ok(seen.signatures[bob.userId]);
    const carol = await here.register('carol');
    const other = (await query({ [alice.userId]: [] }, carol)).master_keys[alice.userId];
    assert.equal(other.signatures?.[bob.userId], undefined);
  });

  it('are given out once for each claim', async () => {
    const claim = async () => {
      const one_time_keys = { [alice.userId]: { [alice.deviceId]: 'signed_curve25519', NONE: 'x' } };
      return (await bob.ask('POST', '/v3/keys/claim', { one_time_keys })).body;
    };
    for (const id of ['1', '2']) {
      assert.deepEqual(await claim(), {
        one_time_keys: { [alice.userId]: { [alice.deviceId]: oneTimeKeys(alice, [id]) } },
        failures: {},
      });
    }
    assert.deepEqual(await claim(), { one_time_keys: {}, failures: {} });
  });

  it('fail by server where one cannot be reached', async () => {
    const body = await query({ '@x:localhost:1': [], [alice.userId]: [] });
    assert.deepEqual(Object.keys(body.failures), ['localhost:1']);
    assert.ok(body.device_keys[alice.userId]);
  });

  it('are taken for what a server may say and nothing else', async () => {
    const mallory = `@mallory:${scripted.serverName}`;
    scripted.answer = (request, response) => {
      void bodyOf(request).then(() =>
        reply(response, {
          device_keys: {
            [mallory]: {
              D1: { user_id: mallory, device_id: 'D1', keys: {}, algorithms: [], signatures: {} },
              D2: { user_id: alice.userId, device_id: 'D2', keys: {}, algorithms: [], signatures: {} },
              D3: { user_id: mallory, device_id: 'D1', keys: {}, algorithms: [], signatures: {} },
              D4: null,
            },
            [bob.userId]: { [bob.deviceId]: { user_id: bob.userId, device_id: bob.deviceId, keys: {} } },
          },
          master_keys: {
            [mallory]: { user_id: alice.userId, keys: {}, usage: [] },
            [alice.userId]: { user_id: alice.userId, keys: {}, usage: [] },
          },
          user_signing_keys: { [mallory]: { user_id: mallory, keys: {}, usage: [] } },
          one_time_keys: {
            [mallory]: { D1: { 'other:1': 'k' }, D2: { 'signed_curve25519:1': 'k' } },
            [bob.userId]: {},
          },
        }),
      );
    };
    const body = await query({ [mallory]: [] });
    assert.deepEqual(Object.keys(body.device_keys[mallory]), ['D1']);
    assert.deepEqual([Object.keys(body.device_keys), body.master_keys, body.user_signing_keys], [[mallory], {}, {}]);
    const claimed = await bob.ask('POST', '/v3/keys/claim', {
      one_time_keys: { [mallory]: { D1: 'signed_curve25519' } },
    });
    assert.deepEqual(claimed.body.one_time_keys, {});
  });

  it('of users elsewhere are not told to servers', async () => {
    const post = async (path: string, content: JsonObject) =>
      (
        await scripted.ask(here.serverName, {
          method: 'POST',
          uri: `/_matrix/federation/v1/user/keys/${path}`,
          content,
        })
      ).body;
    assert.deepEqual(await post('query', { device_keys: { [alice.userId]: [], nonsense: [] } }), {
      device_keys: {},
      master_keys: {},
      self_signing_keys: {},
    });
    const one_time_keys = { [alice.userId]: { [alice.deviceId]: 'signed_curve25519' } };
    assert.deepEqual(await post('claim', { one_time_keys }), { one_time_keys: {} });
  });

  it('are listed by user', async () => {
    const devices = async (userId: string) =>
      (
        await scripted.ask(there.serverName, {
          uri: `/_matrix/federation/v1/user/devices/${encodeURIComponent(userId)}`,
        })
      ).body;
    const body = await devices(alice.userId);
    assert.equal(body.user_id, alice.userId);
    assert.ok(Number.isInteger(body.stream_id));
    assert.deepEqual(
      body.devices.map(({ device_id, keys }: JsonObject) => [device_id, (keys as JsonObject)['user_id']]),
      [[alice.deviceId, alice.userId]],
    );
    assert.ok(body.master_key && body.self_signing_key);
    assert.equal((await devices(bob.userId)).errcode, 'M_NOT_FOUND');
    assert.equal((await devices(`@none:${there.serverName}`)).errcode, 'M_NOT_FOUND');
  });
});

describe('Keys of devices of those who share a room', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  before(async function () {
    federation = await startTestFederation(this, 2);
  });
  after(() => federation?.stop());

  it('are known while their server is away', async () => {
    const [here, there] = federation.servers as [TestPeer, TestPeer];
    const alice = await there.register('alice');
    const bob = await here.register('bob');
    await alice.ask('POST', '/v3/keys/upload', { device_keys: signedDeviceKeys(alice) });
    const { body: room } = await bob.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    const joined = await alice.ask('POST', `/v3/join/${encodeURIComponent(room.room_id)}?via=${here.serverName}`, {});
    assert.equal(joined.status, 200, JSON.stringify(joined.body));
    const query = async () => (await bob.ask('POST', '/v3/keys/query', { device_keys: { [alice.userId]: [] } })).body;
    assert.ok((await query()).device_keys[alice.userId][alice.deviceId]);
    await here.homeserver.services.deviceListResync.drain();
    await there.halt();
    const body = await query();
    assert.deepEqual(body.failures, {});
    assert.deepEqual(body.device_keys[alice.userId][alice.deviceId].keys, signedDeviceKeys(alice)['keys']);
  });
});
