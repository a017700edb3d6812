import assert from 'node:assert/strict';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

describe('suspending and locking accounts', () => {
  let server: TestHomeserver;
  let admin: TestUser;
  let alice: TestUser;

  let count = 0;

  before(async () => {
    server = await startTestHomeserver();
    admin = await server.register('root');
    const boss = await server.register('boss');
    for (const { userId } of [admin, boss]) await server.homeserver.services.accounts.setAdmin(userId, true);
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
  });

  for (const [action, key] of [
    ['suspend', 'suspended'],
    ['lock', 'locked'],
  ] as const) {
    it(`is for administrators: ${action}`, async () => {
      const path = `/v1/admin/${action}/${alice.userId}`;
      assert.equal((await alice.ask('GET', path)).body.errcode, 'M_FORBIDDEN');
      assert.equal((await alice.ask('PUT', path, { [key]: true })).body.errcode, 'M_FORBIDDEN');
      assert.deepEqual((await admin.ask('GET', path)).body, { [key]: false });
      assert.deepEqual((await admin.ask('PUT', path, { [key]: true })).body, { [key]: true });
      assert.deepEqual((await admin.ask('GET', path)).body, { [key]: true });
    });

    for (const [what, userId, status, errcode] of [
      ['oneself', '@root:test.example', 403, 'M_FORBIDDEN'],
      ['another administrator', '@boss:test.example', 403, 'M_FORBIDDEN'],
      ['somebody of another server', '@a:other.example', 400, 'M_INVALID_PARAM'],
      ['nobody', '@nobody:test.example', 404, 'M_NOT_FOUND'],
    ] as const) {
      it(`does not ${action} ${what}`, async () => {
        const answer = await admin.ask('PUT', `/v1/admin/${action}/${userId}`, { [key]: true });
        assert.deepEqual([answer.status, answer.body.errcode], [status, errcode]);
      });
    }
  }

  it('lets the suspended read and log in and out, and nothing else, until it ends', async () => {
    await admin.ask('PUT', `/v1/admin/suspend/${alice.userId}`, { suspended: true });
    const rename = () => alice.ask('PUT', `/v3/profile/${alice.userId}/displayname`, { displayname: 'x' });
    const refused = await rename();
    assert.deepEqual([refused.status, refused.body.errcode], [403, 'M_USER_SUSPENDED']);
    assert.equal((await alice.ask('GET', '/v3/account/whoami')).status, 200);
    const second = await server.login(alice.userId);
    assert.equal((await second.ask('POST', '/v3/logout')).status, 200);
    await admin.ask('PUT', `/v1/admin/suspend/${alice.userId}`, { suspended: false });
    assert.equal((await rename()).status, 200);
  });

  it('lets the suspended do what the specification wants them to, and not what it does not', async () => {
    const bob = await server.register(`bob${count}`);
    const create = async (user: TestUser) => (await user.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body;
    const { room_id: room } = await create(alice);
    const { room_id: invited } = await create(bob);
    await bob.ask('POST', `/v3/join/${room}`, {});
    await bob.ask('POST', `/v3/rooms/${invited}/invite`, { user_id: alice.userId });
    const say = async (user: TestUser, txn: string) =>
      (await user.ask('PUT', `/v3/rooms/${room}/send/m.room.message/${txn}`, { msgtype: 'm.text', body: 'x' })).body;
    const [own, others] = [(await say(alice, 'a')).event_id, (await say(bob, 'b')).event_id];
    await admin.ask('PUT', `/v1/admin/suspend/${alice.userId}`, { suspended: true });
    const attempt = async (method: string, path: string, body?: object) => {
      const answer = await alice.ask(method, path, body);
      return answer.body.errcode === 'M_USER_SUSPENDED' ? 'suspended' : answer.status;
    };
    const me = alice.userId;
    for (const [method, path, body] of [
      ['POST', '/v3/createRoom', {}],
      ['POST', `/v3/join/${invited}`, {}],
      ['POST', `/v3/rooms/${invited}/join`, {}],
      ['POST', `/v3/knock/${invited}`, {}],
      ['POST', `/v3/rooms/${room}/invite`, { user_id: bob.userId }],
      ['POST', `/v3/rooms/${room}/kick`, { user_id: bob.userId }],
      ['PUT', `/v3/rooms/${room}/send/m.room.message/c`, { msgtype: 'm.text', body: 'x' }],
      ['PUT', `/v3/rooms/${room}/send/m.reaction/d`, {}],
      ['PUT', `/v3/rooms/${room}/state/m.room.name`, { name: 'x' }],
      ['PUT', `/v3/rooms/${room}/typing/${me}`, { typing: true, timeout: 1000 }],
      ['PUT', `/v3/rooms/${room}/redact/${others}/e`, {}],
      ['PUT', `/v3/profile/${me}/avatar_url`, { avatar_url: 'mxc://a/b' }],
      ['POST', '/v3/account/3pid/delete', { medium: 'email', address: 'a@b.c' }],
      ['POST', '/_matrix/media/v3/upload', {}],
    ] as const) {
      assert.equal(await attempt(method, path, body), 'suspended', path);
    }
    for (const [method, path, body, status] of [
      ['GET', '/v3/sync', undefined, 200],
      ['GET', `/v3/rooms/${room}/messages?dir=b`, undefined, 200],
      ['POST', '/v3/keys/query', { device_keys: {} }, 200],
      ['POST', '/v3/keys/signatures/upload', {}, 200],
      ['PUT', '/v3/sendToDevice/m.key.verification.request/t', { messages: {} }, 200],
      ['PUT', '/v3/room_keys/keys?version=9', { rooms: {} }, 404],
      ['POST', `/v3/rooms/${room}/receipt/m.read/${others}`, {}, 200],
      ['PUT', `/v3/rooms/${room}/redact/${own}/f`, {}, 200],
      ['POST', `/v3/rooms/${invited}/leave`, {}, 200],
      ['POST', `/v3/rooms/${room}/leave`, {}, 200],
      ['DELETE', '/v3/devices/OTHER', {}, 401],
      ['POST', '/v3/account/3pid/add', { client_secret: 'x', sid: 'y' }, 401],
      ['POST', '/v3/account/deactivate', {}, 401],
    ] as const) {
      assert.equal(await attempt(method, path, body), status, path);
    }
  });

  it('lets the locked log out and nothing else, until they are unlocked', async () => {
    const second = await server.login(alice.userId);
    await admin.ask('PUT', `/v1/admin/lock/${alice.userId}`, { locked: true });
    const refused = await alice.ask('GET', '/v3/account/whoami');
    assert.deepEqual([refused.status, refused.body.errcode, refused.body.soft_logout], [401, 'M_USER_LOCKED', true]);
    const body = { type: 'm.login.password', user: alice.userId, password: TEST_PASSWORD };
    assert.equal((await server.ask('POST', '/v3/login', { body })).body.errcode, 'M_USER_LOCKED');
    assert.equal((await second.ask('POST', '/v3/logout')).status, 200);
    await admin.ask('PUT', `/v1/admin/lock/${alice.userId}`, { locked: false });
    assert.equal((await alice.ask('GET', '/v3/account/whoami')).status, 200);
  });

  it('shows administrators, and people themselves, where they were seen', async () => {
    const path = `/v3/admin/whois/${alice.userId}`;
    const seen = { ip: '127.0.0.1', last_seen: server.clock.now() };
    for (const asker of [admin, alice]) {
      const { body } = await asker.ask('GET', path);
      const [connection] = body.devices[alice.deviceId].sessions[0].connections;
      assert.equal(connection.last_seen, seen.last_seen);
    }
    assert.equal((await alice.ask('GET', `/v3/admin/whois/${admin.userId}`)).status, 403);
    assert.equal((await admin.ask('GET', '/v3/admin/whois/@nobody:test.example')).status, 404);
  });
});
