import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver } from '../../../support/test-homeserver.ts';

describe('POST /logout', () => {
  let server: TestHomeserver;
  before(async () => {
    server = await startTestHomeserver();
    await server.register('alice');
  });
  after(() => server.stop());

  it('ends this session and deletes its device, and no other', async () => {
    const [a, b] = [await server.login('alice'), await server.login('alice')];
    assert.deepEqual((await a.ask('POST', '/v3/logout')).body, {});
    assert.equal((await a.ask('GET', '/v3/account/whoami')).body.soft_logout, false);
    assert.equal((await b.ask('GET', `/v3/devices/${a.deviceId}`)).status, 404);
    assert.equal((await b.ask('GET', `/v3/devices/${b.deviceId}`)).status, 200);
  });

  it('ends all sessions with /all', async () => {
    const [a, b] = [await server.login('alice'), await server.login('alice')];
    assert.deepEqual((await a.ask('POST', '/v3/logout/all')).body, {});
    for (const session of [a, b]) assert.equal((await session.ask('GET', '/v3/devices')).status, 401);
    const again = await server.login('alice');
    assert.equal((await again.ask('GET', '/v3/devices')).body.devices.length, 1);
  });

  it('tells a device that is deleted', async () => {
    const deleted: unknown[] = [];
    server.homeserver.services.notices.on('deviceDeleted', (notice) => deleted.push(notice));
    const a = await server.login('alice');
    await a.ask('POST', '/v3/logout');
    assert.deepEqual(deleted, [{ userId: '@alice:test.example', deviceId: a.deviceId }]);
  });
});
