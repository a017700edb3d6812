import assert from 'node:assert/strict';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

describe('POST /account/password', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'alice' }, password: TEST_PASSWORD };
  const login = (password: string) =>
    server.ask('POST', '/v3/login', { body: { type: 'm.login.password', user: 'alice', password } });

  beforeEach(async () => {
    server = await startTestHomeserver({ password: { min_length: 8 } });
    alice = await server.register('alice');
  });
  afterEach(() => server.stop());

  it('asks for the old password, sets the new one, and logs all other devices out', async () => {
    const other = await server.login('alice');
    const first = await alice.ask('POST', '/v3/account/password', { new_password: 'a new password' });
    assert.equal(first.status, 401);
    assert.deepEqual(first.body.flows, [{ stages: ['m.login.password'] }]);
    const changed = await alice.ask('POST', '/v3/account/password', {
      new_password: 'a new password',
      auth: { ...auth, session: first.body.session },
    });
    assert.deepEqual([changed.status, changed.body], [200, {}]);
    assert.equal((await login(TEST_PASSWORD)).body.errcode, 'M_FORBIDDEN');
    assert.equal((await login('a new password')).status, 200);
    assert.equal((await alice.ask('GET', '/v3/account/whoami')).status, 200);
    assert.equal((await other.ask('GET', '/v3/account/whoami')).body.errcode, 'M_UNKNOWN_TOKEN');
  });

  it('leaves the other devices logged in if that is wanted', async () => {
    const other = await server.login('alice');
    await alice.ask('POST', '/v3/account/password', { new_password: 'a new password', logout_devices: false, auth });
    assert.equal((await other.ask('GET', '/v3/account/whoami')).status, 200);
  });

  it('tells that the old password is wrong, and offers the session again', async () => {
    const first = await alice.ask('POST', '/v3/account/password', { new_password: 'a new password' });
    const { session } = first.body;
    const wrong = await alice.ask('POST', '/v3/account/password', {
      new_password: 'a new password',
      auth: { ...auth, password: 'wrong', session },
    });
    assert.deepEqual([wrong.status, wrong.body.errcode, wrong.body.session], [401, 'M_FORBIDDEN', session]);
  });

  it('does not take a session that was begun with another new password', async () => {
    const first = await alice.ask('POST', '/v3/account/password', { new_password: 'a new password' });
    const other = await alice.ask('POST', '/v3/account/password', {
      new_password: 'another password',
      auth: { ...auth, session: first.body.session },
    });
    assert.deepEqual([other.status, other.body.errcode], [403, 'M_FORBIDDEN']);
    assert.equal((await login(TEST_PASSWORD)).status, 200);
  });

  it('does not take the password of another user', async () => {
    await server.register('bob');
    const answer = await alice.ask('POST', '/v3/account/password', {
      new_password: 'a new password',
      auth: { ...auth, identifier: { type: 'm.id.user', user: 'bob' } },
    });
    assert.deepEqual([answer.status, answer.body.errcode], [403, 'M_FORBIDDEN']);
  });

  it('refuses a password that is too short before it asks for the old one', async () => {
    const answer = await alice.ask('POST', '/v3/account/password', { new_password: 'short' });
    assert.deepEqual([answer.status, answer.body.errcode], [400, 'M_WEAK_PASSWORD']);
  });

  it('needs an access token, for there is no other way to prove who one is', async () => {
    const answer = await server.ask('POST', '/v3/account/password', { body: { new_password: 'a new password' } });
    assert.deepEqual([answer.status, answer.body.errcode], [401, 'M_MISSING_TOKEN']);
  });

  it('is not there where people do not log in with passwords', async () => {
    await server.stop();
    server = await startTestHomeserver({ login: { password: false } });
    alice = await server.register('alice');
    const { capabilities } = (await alice.ask('GET', '/v3/capabilities')).body;
    assert.deepEqual(capabilities['m.change_password'], { enabled: false });
    const answer = await alice.ask('POST', '/v3/account/password', { new_password: 'a new password', auth });
    assert.deepEqual([answer.status, answer.body.errcode], [403, 'M_FORBIDDEN']);
  });
});
