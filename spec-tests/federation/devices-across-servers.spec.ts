import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { signedDeviceKeys } from '../support/device-key-maker.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';
import type { TestUser } from '../support/test-homeserver.ts';

describe('Devices across servers', function () {
  this.timeout(20_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let alice: TestUser;
  let bob: TestUser;

  before(async function () {
    federation = await startTestFederation(this, 2);
    [here, there] = federation.servers as [TestPeer, TestPeer];
    alice = await here.register('alice');
    bob = await there.register('bob');
    await share(here, alice, bob.userId);
    await share(there, bob, alice.userId);
  });
  after(() => federation?.stop());

  /** A room of `user` in which `other` is, as far as this server knows. */
  async function share(server: TestPeer, user: TestUser, other: string): Promise<string> {
    const { body } = await user.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    await member(server, body.room_id, other, 'join');
    return body.room_id;
  }
  const member = (server: TestPeer, roomId: string, userId: string, membership: string) =>
    server.homeserver.services.timeline.send(roomId, {
      type: 'm.room.member',
      sender: userId,
      stateKey: userId,
      content: { membership },
    });
  /** Lets everything arrive that is on its way. */
  const settle = async () => {
    for (const server of [there, here]) {
      const { services } = server.homeserver;
      await services.storage.drain();
      await services.outbox.drain();
      await services.roomLanes.drain();
      await services.deviceListResync.drain();
    }
    await here.homeserver.services.outbox.drain();
    await here.homeserver.services.deviceListResync.drain();
  };
  const since = async (user: TestUser) => (await user.ask('GET', '/v3/sync')).body.next_batch as string;
  const changes = async (user: TestUser, from: string) =>
    (await user.ask('GET', `/v3/sync?since=${from}`)).body.device_lists ?? {};
  const known = async () => {
    const lists = await here.homeserver.services.remoteDeviceLists.read([bob.userId]);
    return lists.get(bob.userId)?.devices.map(({ device_id }) => device_id);
  };
  const uploadKeys = (user: TestUser) => user.ask('POST', '/v3/keys/upload', { device_keys: signedDeviceKeys(user) });

  it('are told to servers that share a room, which ask for the whole list first', async () => {
    const from = await since(alice);
    strictEqual((await uploadKeys(bob)).status, 200);
    await settle();
    deepStrictEqual((await changes(alice, from)).changed, [bob.userId]);
    deepStrictEqual(await known(), [bob.deviceId]);
  });

  it('follow each other without asking again', async () => {
    const { services } = here.homeserver;
    const list = async () => (await services.storage.read((tx) => tx.remoteDeviceLists.lists([bob.userId])))[0];
    const before = await list();
    const from = await since(alice);
    const tablet = await there.login('bob', 'TABLET');
    await uploadKeys(tablet);
    await settle();
    deepStrictEqual(await known(), [bob.deviceId, 'TABLET'].sort());
    deepStrictEqual((await changes(alice, from)).changed, [bob.userId]);
    ok((await list())!.stream_id > before!.stream_id);
    await tablet.ask('POST', '/v3/logout', {});
    await settle();
    deepStrictEqual(await known(), [bob.deviceId]);
  });

  it('are asked for as a whole after a gap, however long the other server is away', async () => {
    // The other server tells of a change that comes after one which never arrived.
    const { services } = here.homeserver;
    const content = { user_id: bob.userId, device_id: 'GHOST', stream_id: 9_999_999, prev_id: [9_999_998] };
    await services.remoteDeviceLists.update(there.serverName, content);
    await services.deviceListResync.drain();
    deepStrictEqual(await known(), [bob.deviceId]);
  });

  it('are asked for again when cross-signing keys are told that are known already: something was signed', async () => {
    const { services } = here.homeserver;
    const key = { user_id: bob.userId, usage: ['master'], keys: { 'ed25519:key': 'key' } };
    await services.remoteDeviceLists.updateSigningKeys(there.serverName, { user_id: bob.userId, master_key: key });
    deepStrictEqual(await known(), [bob.deviceId]);
    for (const master_key of [key, undefined]) {
      const told = { user_id: bob.userId, ...(master_key && { master_key }) };
      await services.remoteDeviceLists.updateSigningKeys(there.serverName, told);
      strictEqual(await known(), undefined);
      await services.deviceListResync.drain();
      deepStrictEqual(await known(), [bob.deviceId]);
      if (master_key === undefined) continue;
      await services.remoteDeviceLists.updateSigningKeys(there.serverName, { user_id: bob.userId, master_key });
    }
  });

  it('are wanted still after a restart', async () => {
    const from = await since(alice);
    await there.homeserver.services.outbox.stop();
    const { remoteDeviceLists, storage, deviceListResync } = here.homeserver.services;
    await deviceListResync.stop();
    await remoteDeviceLists.want([bob.userId]);
    strictEqual(await known(), undefined);
    strictEqual((await storage.read((tx) => tx.remoteDeviceLists.due(federation.clock.now(), 10))).length, 1);
    const phone = await there.login('bob', 'PHONE');
    await uploadKeys(phone);
    await here.restart();
    await here.homeserver.services.deviceListResync.drain();
    deepStrictEqual(await known(), [bob.deviceId, 'PHONE'].sort());
    deepStrictEqual((await changes(alice, from)).changed, [bob.userId]);
    await there.restart();
    await phone.ask('POST', '/v3/logout', {});
    await settle();
    deepStrictEqual(await known(), [bob.deviceId]);
  });

  it('get messages once', async () => {
    const from = await since(bob);
    const path = '/v3/sendToDevice/m.test/1';
    const messages = { [bob.userId]: { '*': { hello: 'there' } } };
    await alice.ask('PUT', path, { messages });
    await alice.ask('PUT', path, { messages });
    await settle();
    const { body } = await bob.ask('GET', `/v3/sync?since=${from}`);
    deepStrictEqual(body.to_device.events, [{ type: 'm.test', sender: alice.userId, content: { hello: 'there' } }]);
  });

  it('are told when their user comes into a room of a server that knew nothing of them', async () => {
    const carol = await there.register('carol');
    await uploadKeys(carol);
    const { body } = await bob.ask('GET', '/v3/joined_rooms');
    await member(here, (await alice.ask('GET', '/v3/joined_rooms')).body.joined_rooms[0], carol.userId, 'join');
    // As far as her server knows, Alice's is in this room.
    await carol.ask('POST', `/v3/join/${body.joined_rooms[0]}`, {});
    await settle();
    const lists = await here.homeserver.services.remoteDeviceLists.read([carol.userId]);
    deepStrictEqual(
      lists.get(carol.userId)?.devices.map(({ device_id }) => device_id),
      [carol.deviceId],
    );
  });

  it('are forgotten when nobody here shares a room with their user', async () => {
    const from = await since(alice);
    const rooms = (await alice.ask('GET', '/v3/joined_rooms')).body.joined_rooms as string[];
    for (const roomId of rooms) await member(here, roomId, bob.userId, 'leave');
    deepStrictEqual((await changes(alice, from)).left, [bob.userId]);
    await here.homeserver.services.storage.drain();
    const { storage } = here.homeserver.services;
    deepStrictEqual(await storage.read((tx) => tx.remoteDeviceLists.lists([bob.userId])), []);
    deepStrictEqual(await storage.read((tx) => tx.remoteDeviceLists.devices([bob.userId])), []);
  });

  it('are no news when a whole list says what is known already, or has no keys', async () => {
    const { remoteDeviceLists, deviceListResync } = here.homeserver.services;
    const from = await since(alice);
    const dave = await there.register('dave');
    await share(there, dave, alice.userId);
    await settle();
    await share(here, alice, dave.userId);
    const joined = await alice.ask('GET', `/v3/sync?since=${from}`);
    ok(joined.body.device_lists.changed.includes(dave.userId));
    await remoteDeviceLists.update(there.serverName, {
      ...{ user_id: dave.userId, device_id: dave.deviceId, stream_id: 1, prev_id: [] },
    });
    await deviceListResync.drain();
    deepStrictEqual((await changes(alice, joined.body.next_batch)).changed ?? [], []);
    await uploadKeys(dave);
    await settle();
    deepStrictEqual((await changes(alice, joined.body.next_batch)).changed, [dave.userId]);
    const { next_batch: next } = (await alice.ask('GET', '/v3/sync')).body;
    await remoteDeviceLists.want([dave.userId]);
    await deviceListResync.drain();
    deepStrictEqual((await changes(alice, next)).changed ?? [], []);
  });
});
