import assert from 'node:assert/strict';
import { formatSyncToken } from '../../../../src/services/sync/sync-token.ts';
import { signedDeviceKeys } from '../../../support/device-key-maker.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('GET /keys/changes', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    const { body } = await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    await bob.ask('POST', `/v3/join/${encodeURIComponent(body.room_id)}`, {});
  });
  after(() => server.stop());

  const token = () =>
    formatSyncToken({
      position: server.homeserver.services.storage.head,
      toDevice: 0,
      instance: 'test',
      typing: 0,
      presence: 0,
    });
  const changes = (from: string, to?: string) =>
    alice.ask('GET', `/v3/keys/changes?from=${from}${to === undefined ? '' : `&to=${to}`}`);

  it('names users who share a room and uploaded keys between two tokens', async () => {
    const from = token();
    await bob.ask('POST', '/v3/keys/upload', { device_keys: signedDeviceKeys(bob) });
    const to = token();
    assert.deepEqual((await changes(from, to)).body, { changed: [bob.userId], left: [] });
    assert.deepEqual((await changes(from)).body, { changed: [bob.userId], left: [] });
    assert.deepEqual((await changes(to, to)).body, { changed: [], left: [] });
  });

  it('refuses tokens that are none', async () => {
    assert.equal((await changes('nonsense', token())).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await changes(token(), 'nonsense')).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await alice.ask('GET', '/v3/keys/changes')).body.errcode, 'M_MISSING_PARAM');
  });
});
