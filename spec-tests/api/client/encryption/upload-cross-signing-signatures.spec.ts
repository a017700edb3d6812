import assert from 'node:assert/strict';
import {
  CrossSigningMaker,
  deviceKeyPair,
  KeyMaker,
  signedDeviceKeys,
  unsignedDeviceKeys,
} from '../../../support/device-key-maker.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('POST /keys/signatures/upload', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let carol: TestUser;
  let aliceKeys: CrossSigningMaker;
  let bobKeys: CrossSigningMaker;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    carol = await server.register('carol');
    aliceKeys = new CrossSigningMaker(alice.userId);
    bobKeys = new CrossSigningMaker(bob.userId);
    await alice.ask('POST', '/v3/keys/upload', { device_keys: signedDeviceKeys(alice) });
    await alice.ask('POST', '/v3/keys/device_signing/upload', aliceKeys.upload);
    await bob.ask('POST', '/v3/keys/device_signing/upload', bobKeys.upload);
  });
  after(() => server.stop());

  const upload = async (user: TestUser, body: object) => {
    const answer = await user.ask('POST', '/v3/keys/signatures/upload', body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.failures;
  };
  const query = async (viewer: TestUser, user: TestUser) =>
    (await viewer.ask('POST', '/v3/keys/query', { device_keys: { [user.userId]: [] } })).body;
  const signersOf = (key: { signatures: Record<string, object> }, userId: string) =>
    Object.keys(key.signatures[userId] ?? {}).toSorted();

  it('adds the signature of a self-signing key to those of a device, for everybody to see', async () => {
    const device = aliceKeys.selfSigning.sign(unsignedDeviceKeys(alice), alice.userId);
    assert.deepEqual(await upload(alice, { [alice.userId]: { [alice.deviceId]: device } }), {});
    const seen = (await query(bob, alice)).device_keys[alice.userId][alice.deviceId];
    const expected = [`ed25519:${alice.deviceId}`, `ed25519:${aliceKeys.selfSigning.publicKey}`];
    assert.deepEqual(signersOf(seen, alice.userId), expected.toSorted());
  });

  it('adds the signature of a device to those of its master key', async () => {
    const keyId = `ed25519:${alice.deviceId}`;
    const master = deviceKeyPair(alice).sign(aliceKeys.masterKey, alice.userId, keyId);
    const failures = await upload(alice, { [alice.userId]: { [aliceKeys.master.publicKey]: master } });
    assert.deepEqual(failures, {});
    const seen = (await query(bob, alice)).master_keys[alice.userId];
    assert.deepEqual(signersOf(seen, alice.userId), [keyId]);
  });

  it('adds the signature of a user to the master key of another, for the signer alone to see', async () => {
    const master = aliceKeys.userSigning.sign(bobKeys.masterKey, alice.userId);
    const start = server.homeserver.services.storage.head;
    assert.deepEqual(await upload(alice, { [bob.userId]: { [bobKeys.master.publicKey]: master } }), {});
    const signers = async (viewer: TestUser) =>
      signersOf((await query(viewer, bob)).master_keys[bob.userId], alice.userId);
    assert.deepEqual(await signers(alice), [`ed25519:${aliceKeys.userSigning.publicKey}`]);
    assert.deepEqual(await signers(bob), []);
    assert.deepEqual(await signers(carol), []);
    const { deviceLists, storage } = server.homeserver.services;
    assert.deepEqual((await deviceLists.changedSince(alice.userId, start, storage.head)).changed, [bob.userId]);
    assert.deepEqual((await deviceLists.changedSince(bob.userId, start, storage.head)).changed, []);
  });

  it('says of each signature that is refused why, and takes the others', async () => {
    const stranger = new KeyMaker('stranger');
    const device = await server.login('alice', 'TABLET');
    await device.ask('POST', '/v3/keys/upload', { device_keys: signedDeviceKeys(device) });
    const good = aliceKeys.selfSigning.sign(unsignedDeviceKeys(device), alice.userId);
    const forged = stranger.sign(aliceKeys.masterKey, alice.userId, `ed25519:${alice.deviceId}`);
    const failures = await upload(alice, {
      [alice.userId]: {
        TABLET: good,
        [alice.deviceId]: aliceKeys.selfSigning.sign({ ...unsignedDeviceKeys(alice), algorithms: [] }, alice.userId),
        NONE: good,
        [aliceKeys.master.publicKey]: forged,
      },
      [bob.userId]: {
        [bobKeys.master.publicKey]: aliceKeys.selfSigning.sign(bobKeys.masterKey, alice.userId),
        [bob.deviceId]: aliceKeys.userSigning.sign(unsignedDeviceKeys(bob), alice.userId),
      },
    });
    const errcodes = (userId: string) =>
      Object.fromEntries(
        Object.entries(failures[userId] as Record<string, { errcode: string }>).map(([key, { errcode }]) => [
          key,
          errcode,
        ]),
      );
    assert.deepEqual(errcodes(alice.userId), {
      [alice.deviceId]: 'M_INVALID_PARAM',
      NONE: 'M_NOT_FOUND',
      [aliceKeys.master.publicKey]: 'M_INVALID_SIGNATURE',
    });
    assert.deepEqual(errcodes(bob.userId), {
      [bobKeys.master.publicKey]: 'M_INVALID_SIGNATURE',
      [bob.deviceId]: 'M_NOT_FOUND',
    });
    const seen = (await query(bob, alice)).device_keys[alice.userId]['TABLET'];
    assert.equal(signersOf(seen, alice.userId).length, 2);
  });
});
