import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestGateway, type TestGateway } from '../../../support/push-gateway.ts';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

describe('Pushers', () => {
  let gateway: TestGateway;
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let txn = 0;
  let names = 0;

  before(async function () {
    gateway = await startTestGateway(this);
    server = await startTestHomeserver({ ...gateway.options, limits: { pushers_per_user: 3 } });
  });
  after(async () => {
    await server.stop();
    await gateway.stop();
  });
  beforeEach(async () => {
    names += 1;
    alice = await server.register(`alice${names}`);
    bob = await server.register(`bob${names}`);
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', name: 'Den' })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`);
    await settle();
    gateway.told.length = 0;
    gateway.answer = { status: 200 };
  });

  /** Lets everybody be told who has news. */
  const settle = async () => {
    const { pushSender } = server.homeserver.services;
    await pushSender.run();
    await pushSender.idle();
  };
  const pusher = (more: object = {}) => ({
    ...{ app_id: 'org.example.app', pushkey: 'key', kind: 'http', lang: 'en' },
    ...{ app_display_name: 'App', device_display_name: 'Phone', data: { url: gateway.url, color: 'red' } },
    ...more,
  });
  const set = async (user: TestUser, more: object = {}) => {
    const { status, body } = await user.ask('POST', '/v3/pushers/set', pusher(more));
    return [status, body.errcode];
  };
  const list = async (user: TestUser) => (await user.ask('GET', '/v3/pushers')).body.pushers;
  const keys = async (user: TestUser) => (await list(user)).map((one: { pushkey: string }) => one.pushkey);
  const send = async (body: string, more: object = {}, user = alice) => {
    const path = `/v3/rooms/${roomId}/send/m.room.message/p${++txn}`;
    return (await user.ask('PUT', path, { msgtype: 'm.text', body, ...more })).body.event_id as string;
  };

  it('are kept as they were set, changed and deleted', async () => {
    deepStrictEqual(await set(bob, { profile_tag: 'work' }), [200, undefined]);
    deepStrictEqual(await list(bob), [
      {
        ...pusher({ profile_tag: 'work' }),
        'org.matrix.msc3881.enabled': true,
        'org.matrix.msc3881.device_id': bob.deviceId,
      },
    ]);
    await set(bob, { lang: 'fr' });
    deepStrictEqual([(await list(bob)).length, (await list(bob))[0].lang], [1, 'fr']);
    deepStrictEqual(await set(bob, { kind: null }), [200, undefined]);
    deepStrictEqual(await list(bob), []);
  });

  it('are refused if something about them is wrong', async () => {
    deepStrictEqual(await set(bob, { lang: undefined, data: undefined }), [400, 'M_MISSING_PARAM']);
    deepStrictEqual(await set(bob, { data: {} }), [400, 'M_MISSING_PARAM']);
    deepStrictEqual(await set(bob, { data: { url: 'http://x.example/_matrix/push/v1/notify' } }), [
      400,
      'M_INVALID_PARAM',
    ]);
    deepStrictEqual(await set(bob, { data: { url: 'https://x.example/other' } }), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(await set(bob, { kind: 'email' }), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(await set(bob, { pushkey: 'x'.repeat(513) }), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(await set(bob, { app_id: 'x'.repeat(65) }), [400, 'M_INVALID_PARAM']);
  });

  it('tell the gateway of a message, with all that the format has', async () => {
    await set(bob);
    const eventId = await send('hello');
    await settle();
    strictEqual(gateway.told.length, 1);
    const { devices, content, ...rest } = gateway.told[0];
    deepStrictEqual(rest, {
      event_id: eventId,
      room_id: roomId,
      prio: 'high',
      counts: { unread: 1 },
      type: 'm.room.message',
      sender: alice.userId,
      sender_display_name: alice.userId.slice(1).split(':')[0],
      room_name: 'Den',
    });
    deepStrictEqual(content, { msgtype: 'm.text', body: 'hello' });
    deepStrictEqual(devices, [
      {
        app_id: 'org.example.app',
        pushkey: 'key',
        pushkey_ts: Math.floor(server.clock.now() / 1000),
        data: { color: 'red' },
        tweaks: { sound: 'default' },
      },
    ]);
    await settle();
    strictEqual(gateway.told.length, 1);
  });

  it('tell only ids if asked, and what wakes people', async () => {
    await set(bob, { data: { url: gateway.url, format: 'event_id_only' } });
    const eventId = await send(`hey ${bob.userId}`, { 'm.mentions': { user_ids: [bob.userId] } });
    await settle();
    const { devices, ...rest } = gateway.told[0];
    deepStrictEqual(rest, { event_id: eventId, room_id: roomId, prio: 'high', counts: { unread: 1 } });
    deepStrictEqual(devices[0].data, { format: 'event_id_only' });
    deepStrictEqual(devices[0].tweaks, { sound: 'default', highlight: true });
  });

  it('tell nothing of own messages, edits, muted rooms and ignored people', async () => {
    await set(bob);
    await send('mine', {}, bob);
    await bob.ask('PUT', `/v3/pushrules/global/room/${encodeURIComponent(roomId)}`, { actions: [] });
    await send('muted');
    await settle();
    await bob.ask('DELETE', `/v3/pushrules/global/room/${encodeURIComponent(roomId)}`);
    await bob.ask('PUT', `/v3/user/${bob.userId}/account_data/m.ignored_user_list`, {
      ignored_users: { [alice.userId]: {} },
    });
    await send('ignored');
    await settle();
    deepStrictEqual(
      gateway.told.filter((one) => one.event_id !== undefined),
      [],
    );
  });

  it('tell of invites', async () => {
    await set(bob);
    const made = await alice.ask('POST', '/v3/createRoom', { invite: [bob.userId] });
    await settle();
    const [told] = gateway.told;
    deepStrictEqual([told.room_id, told.type, told.user_is_target], [made.body.room_id, 'm.room.member', true]);
  });

  it('tell how much is unread once it was read', async () => {
    await set(bob);
    await send('one');
    const last = await send('two');
    await settle();
    deepStrictEqual(gateway.told.at(-1).counts, { unread: 2 });
    await bob.ask('POST', `/v3/rooms/${roomId}/receipt/m.read/${last}`, {});
    await settle();
    const { devices, ...rest } = gateway.told.at(-1);
    deepStrictEqual([gateway.told.length, rest], [3, { id: '', counts: { unread: 0 } }]);
    strictEqual(devices[0].pushkey, 'key');
  });

  it('try again when a gateway has failed, and miss nothing, even over a restart', async () => {
    await set(bob);
    gateway.answer = { status: 502 };
    const first = await send('one');
    await settle();
    await settle();
    strictEqual(gateway.told.length, 1);
    gateway.answer = { status: 200 };
    server.clock.advance(1_999);
    await settle();
    strictEqual(gateway.told.length, 1);
    server.clock.advance(1);
    await settle();
    strictEqual(gateway.told.at(-1).event_id, first);
    gateway.answer = { status: 500 };
    const second = await send('two');
    await settle();
    gateway.answer = { status: 200 };
    await server.restart();
    await settle();
    deepStrictEqual([gateway.told.length, gateway.told.at(-1).event_id], [4, second]);
  });

  it('go when the gateway rejects them', async () => {
    await set(bob);
    gateway.answer = { status: 200, rejected: ['key', 'another'] };
    await send('one');
    await settle();
    deepStrictEqual(await list(bob), []);
  });

  it('go with their device, and with everybody else of the same key unless told otherwise', async () => {
    await set(bob);
    deepStrictEqual(await set(alice, { append: true }), [200, undefined]);
    deepStrictEqual([await keys(bob), await keys(alice)], [['key'], ['key']]);
    await set(alice);
    deepStrictEqual([await keys(bob), await keys(alice)], [[], ['key']]);
    const other = await server.login(`alice${names}`);
    await set(other, { pushkey: 'other' });
    deepStrictEqual(await keys(alice), ['key', 'other']);
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: alice.userId },
      password: TEST_PASSWORD,
    };
    await alice.ask('POST', '/v3/account/password', { new_password: TEST_PASSWORD, auth });
    deepStrictEqual(await keys(alice), ['key']);
    await alice.ask('POST', '/v3/logout');
    deepStrictEqual(await keys(await server.login(`alice${names}`)), []);
  });

  it('can be switched off and on, and are never too many', async () => {
    await set(bob, { 'org.matrix.msc3881.enabled': false });
    await send('unheard');
    await settle();
    strictEqual(gateway.told.length, 0);
    await set(bob, { 'org.matrix.msc3881.enabled': true });
    await settle();
    deepStrictEqual(
      gateway.told.filter((one) => one.event_id !== undefined),
      [],
    );
    for (const pushkey of ['a', 'b', 'c']) {
      server.clock.advance(1);
      await set(bob, { pushkey });
    }
    deepStrictEqual(await keys(bob), ['a', 'b', 'c']);
  });
});
