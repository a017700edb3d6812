import assert from 'node:assert/strict';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

describe('devices', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'alice' }, password: TEST_PASSWORD };
  const ids = async () =>
    (await alice.ask('GET', '/v3/devices')).body.devices.map((device: { device_id: string }) => device.device_id);

  beforeEach(async () => {
    server = await startTestHomeserver({ limits: { devices_per_user: 4 } });
    alice = await server.register('alice');
  });
  afterEach(() => server.stop());

  it('are listed with when and from where they were last seen', async () => {
    const { body } = await alice.ask('GET', '/v3/devices');
    assert.deepEqual(body.devices, [
      { device_id: alice.deviceId, last_seen_ip: '127.0.0.1', last_seen_ts: server.clock.now() },
    ]);
    assert.deepEqual((await alice.ask('GET', `/v3/devices/${alice.deviceId}`)).body, body.devices[0]);
  });

  it('remember when they were last seen, a minute or so behind', async () => {
    server.clock.advance(3_600_000);
    const seen = server.clock.now();
    await alice.ask('GET', '/v3/account/whoami');
    await server.restart();
    server.clock.advance(30_000);
    assert.equal((await server.homeserver.services.devices.get(alice.userId, alice.deviceId))?.lastSeenTs, seen);
  });

  it('can be named, which others see', async () => {
    const changed: string[] = [];
    server.homeserver.services.notices.on('deviceList', ({ userId }) => changed.push(userId));
    const path = `/v3/devices/${alice.deviceId}`;
    assert.deepEqual((await alice.ask('PUT', path, { display_name: 'Laptop' })).body, {});
    assert.deepEqual((await alice.ask('PUT', path, {})).body, {});
    assert.equal((await alice.ask('GET', path)).body.display_name, 'Laptop');
    assert.deepEqual(changed, [alice.userId]);
  });

  for (const [what, path, body, status, errcode] of [
    ['name a device that does not exist', '/v3/devices/NONE', { display_name: 'x' }, 404, 'M_NOT_FOUND'],
    ['give a name that is too long', '/v3/devices/OWN', { display_name: 'x'.repeat(256) }, 400, 'M_INVALID_PARAM'],
    ['give a number as name', '/v3/devices/OWN', { display_name: 1 }, 400, 'M_BAD_JSON'],
  ] as const) {
    it(`refuse to ${what}`, async () => {
      const user = await server.login('alice', 'OWN');
      const answer = await user.ask('PUT', path, body);
      assert.deepEqual([answer.status, answer.body.errcode], [status, errcode]);
    });
  }

  it('are deleted with their sessions once the password confirms it', async () => {
    const other = await server.login('alice', 'OTHER');
    const first = await alice.ask('DELETE', '/v3/devices/OTHER', {});
    assert.equal(first.status, 401);
    const { session } = first.body;
    const done = await alice.ask('DELETE', '/v3/devices/OTHER', { auth: { ...auth, session } });
    assert.deepEqual([done.status, done.body], [200, {}]);
    assert.deepEqual(await ids(), [alice.deviceId]);
    assert.equal((await other.ask('GET', '/v3/account/whoami')).body.errcode, 'M_UNKNOWN_TOKEN');
    const repeated = await alice.ask('DELETE', '/v3/devices/OTHER', { auth: { session } });
    assert.equal(repeated.status, 200);
  });

  it('cannot be deleted with a session that was confirmed for another device', async () => {
    await server.login('alice', 'A');
    await server.login('alice', 'B');
    const { session } = (await alice.ask('DELETE', '/v3/devices/A', {})).body;
    const answer = await alice.ask('DELETE', '/v3/devices/B', { auth: { ...auth, session } });
    assert.deepEqual([answer.status, answer.body.errcode], [403, 'M_FORBIDDEN']);
  });

  it('are deleted together', async () => {
    await server.login('alice', 'A');
    await server.login('alice', 'B');
    const body = { devices: ['A', 'B', 'NONE'] };
    const { session } = (await alice.ask('POST', '/v3/delete_devices', body)).body;
    const other = await alice.ask('POST', '/v3/delete_devices', { devices: ['A'], auth: { ...auth, session } });
    assert.equal(other.status, 403);
    const done = await alice.ask('POST', '/v3/delete_devices', { ...body, auth: { ...auth, session } });
    assert.equal(done.status, 200);
    assert.deepEqual(await ids(), [alice.deviceId]);
  });

  it('survive a restart between the question and the answer', async () => {
    await server.login('alice', 'A');
    const { session } = (await alice.ask('DELETE', '/v3/devices/A', {})).body;
    await server.restart();
    assert.equal((await alice.ask('DELETE', '/v3/devices/A', { auth: { ...auth, session } })).status, 200);
  });

  it('push out the one unused for longest when there are too many', async () => {
    for (const id of ['A', 'B', 'C', 'D']) {
      server.clock.advance(120_000);
      await alice.ask('GET', '/v3/account/whoami');
      await server.login('alice', id);
    }
    assert.deepEqual((await ids()).sort(), [alice.deviceId, 'B', 'C', 'D'].sort());
  });
});
