import assert from 'node:assert/strict';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

describe('POST /account/deactivate', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  const auth = { type: 'm.login.password', user: 'alice', password: TEST_PASSWORD };

  beforeEach(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
  });
  afterEach(() => server.stop());

  it('asks for the password', async () => {
    const { status, body } = await alice.ask('POST', '/v3/account/deactivate', {});
    assert.equal(status, 401);
    assert.deepEqual(body.flows, [{ stages: ['m.login.password'] }]);
    assert.equal((await alice.ask('GET', '/v3/account/whoami')).status, 200);
  });

  it('ends every session, and nobody can log in or take the name again', async () => {
    const { status, body } = await alice.ask('POST', '/v3/account/deactivate', { auth });
    assert.deepEqual([status, body], [200, { id_server_unbind_result: 'success' }]);
    assert.equal((await alice.ask('GET', '/v3/account/whoami')).body.errcode, 'M_UNKNOWN_TOKEN');
    const login = await server.ask('POST', '/v3/login', {
      body: { type: 'm.login.password', user: 'alice', password: TEST_PASSWORD },
    });
    assert.equal(login.status, 403);
    const again = await server.ask('POST', '/v3/register', {
      body: { username: 'alice', password: TEST_PASSWORD, auth: { type: 'm.login.dummy' } },
    });
    assert.equal(again.body.errcode, 'M_USER_IN_USE');
    assert.equal((await server.ask('GET', '/v3/profile/@alice:test.example')).status, 404);
  });

  it('leaves rooms and rejects invites, also if the server was stopped in between', async () => {
    const bob = await server.register('bob');
    const create = async (user: TestUser, body: object) =>
      (await user.ask('POST', '/v3/createRoom', body)).body.room_id;
    const joined = await create(alice, { preset: 'public_chat' });
    await bob.ask('POST', `/v3/join/${joined}`, {});
    const invited = await create(bob, { invite: [alice.userId] });
    const { departures } = server.homeserver.services;
    await departures.stop();
    await alice.ask('POST', '/v3/account/deactivate', { auth });
    const membership = async (room: string) =>
      (await bob.ask('GET', `/v3/rooms/${room}/state/m.room.member/${alice.userId}`)).body.membership;
    await departures.settled();
    assert.equal(await membership(joined), 'join');
    await server.restart();
    await server.homeserver.services.departures.settled();
    assert.deepEqual([await membership(joined), await membership(invited)], ['leave', 'leave']);
    assert.deepEqual(await server.homeserver.services.accounts.departing(), []);
  });

  it('remembers the wish for erasure', async () => {
    await alice.ask('POST', '/v3/account/deactivate', { auth, erase: true });
    const account = await server.homeserver.services.accounts.get('@alice:test.example');
    assert.deepEqual([account?.isDeactivated, account?.isErased, account?.hasPassword], [true, true, false]);
  });
});
