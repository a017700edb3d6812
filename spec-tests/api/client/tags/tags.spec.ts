import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('Tags of rooms', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  const path = (tag = '') => `/v3/user/${alice.userId}/rooms/!room:test.example/tags${tag === '' ? '' : `/${tag}`}`;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
  });
  after(() => server.stop());

  it('are none at first', async () => {
    assert.deepEqual((await alice.ask('GET', path())).body, { tags: {} });
  });

  it('are set with their order and taken off again', async () => {
    assert.equal((await alice.ask('PUT', path('m.favourite'), { order: 0.1 })).status, 200);
    await alice.ask('PUT', path('u.Work'), {});
    assert.deepEqual((await alice.ask('GET', path())).body, { tags: { 'm.favourite': { order: 0.1 }, 'u.Work': {} } });
    await alice.ask('DELETE', path('u.Work'));
    assert.deepEqual((await alice.ask('GET', path())).body, { tags: { 'm.favourite': { order: 0.1 } } });
  });

  it('are account data m.tag of the room, for sync', async () => {
    const { accountData, storage } = server.homeserver.services;
    const { rooms } = await accountData.changedSince(alice.userId, 0, storage.head);
    assert.deepEqual(rooms.get('!room:test.example'), [
      { type: 'm.tag', content: '{"tags":{"m.favourite":{"order":0.1}}}' },
    ]);
  });

  it('lose nothing when several are set at once', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((tag) => alice.ask('PUT', path(`u.${tag}`), {})));
    const { body } = await alice.ask('GET', path());
    assert.deepEqual(Object.keys(body.tags).sort(), ['m.favourite', 'u.a', 'u.b', 'u.c', 'u.d', 'u.e']);
  });

  it('have a number for their order', async () => {
    const { status, body } = await alice.ask('PUT', path('u.x'), { order: 'first' });
    assert.deepEqual([status, body.errcode], [400, 'M_BAD_JSON']);
  });

  it('have a name of 255 bytes at most', async () => {
    const [longest, tooLong] = ['u.'.padEnd(255, 'x'), 'u.'.padEnd(256, 'x')];
    assert.equal((await alice.ask('PUT', path(longest), {})).status, 200);
    assert.equal((await alice.ask('PUT', path(tooLong), {})).body.errcode, 'M_INVALID_PARAM');
  });

  it('are nobody else’s', async () => {
    const bob = await server.register('bob');
    assert.equal((await bob.ask('GET', path())).status, 403);
    assert.equal((await bob.ask('PUT', path('u.x'), {})).status, 403);
    assert.equal((await bob.ask('DELETE', path('u.x'))).status, 403);
  });
});
