import assert from 'node:assert/strict';
import { startTestHomeserver, TEST_PASSWORD, type TestHomeserver } from '../../../support/test-homeserver.ts';

describe('POST /login', () => {
  let server: TestHomeserver;
  const login = (body: object) => server.ask('POST', '/v3/login', { body });
  const withPassword = { type: 'm.login.password', password: TEST_PASSWORD };
  const user = (name: string) => ({ identifier: { type: 'm.id.user', user: name } });

  before(async () => {
    server = await startTestHomeserver();
    await server.register('alice');
  });
  after(() => server.stop());

  for (const [what, name] of [
    ['the user name', user('alice')],
    ['the user name in capitals', user('ALICE')],
    ['the user id', user('@alice:test.example')],
    ['the user id in capitals', user('@Alice:test.example')],
    ['the old key `user`', { user: 'alice' }],
    ['the user id in the old key', { user: '@alice:test.example' }],
  ] as const) {
    it(`takes ${what}`, async () => {
      const { status, body } = await login({ ...withPassword, ...name });
      assert.equal(status, 200);
      assert.equal(body.user_id, '@alice:test.example');
      assert.equal(body.well_known['m.homeserver'].base_url, 'http://test.example');
    });
  }

  for (const [what, body, status, errcode] of [
    ['a wrong password', { ...withPassword, ...user('alice'), password: 'wrong' }, 403, 'M_FORBIDDEN'],
    ['somebody who does not exist', { ...withPassword, ...user('nobody') }, 403, 'M_FORBIDDEN'],
    ['a user of another server', { ...withPassword, ...user('@alice:other.example') }, 403, 'M_FORBIDDEN'],
    ['a user name that cannot be one', { ...withPassword, ...user('a b:c') }, 403, 'M_FORBIDDEN'],
    ['no user name', withPassword, 400, 'M_MISSING_PARAM'],
    ['no password', { type: 'm.login.password', ...user('alice') }, 400, 'M_MISSING_PARAM'],
    ['a mail address', { ...withPassword, identifier: { type: 'm.id.thirdparty' } }, 400, 'M_INVALID_PARAM'],
    ['an unknown type', { ...user('alice'), type: 'm.login.dummy' }, 400, 'M_UNKNOWN'],
    ['no type', user('alice'), 400, 'M_MISSING_PARAM'],
    ['an unknown login token', { type: 'm.login.token', token: 'x' }, 403, 'M_FORBIDDEN'],
  ] as const) {
    it(`refuses ${what} with ${status} ${errcode}`, async () => {
      const answer = await login(body);
      assert.deepEqual([answer.status, answer.body.errcode], [status, errcode]);
    });
  }

  it('says the same of a wrong password and of somebody who does not exist', async () => {
    const wrong = await login({ ...withPassword, ...user('alice'), password: 'wrong' });
    assert.deepEqual((await login({ ...withPassword, ...user('nobody') })).body, wrong.body);
  });

  it('makes a device, named as the client wants', async () => {
    const { body } = await login({ ...withPassword, ...user('alice'), initial_device_display_name: 'My phone' });
    const device = await server.ask('GET', `/v3/devices/${body.device_id}`, { token: body.access_token });
    assert.equal(device.body.display_name, 'My phone');
  });

  it('takes over a device, keeps its name and ends the session that it had', async () => {
    const first = await login({
      ...withPassword,
      ...user('alice'),
      device_id: 'TAB',
      initial_device_display_name: 'one',
    });
    const second = await login({
      ...withPassword,
      ...user('alice'),
      device_id: 'TAB',
      initial_device_display_name: 'two',
    });
    assert.equal(second.body.device_id, 'TAB');
    const old = await server.ask('GET', '/v3/account/whoami', { token: first.body.access_token });
    assert.deepEqual([old.status, old.body.errcode], [401, 'M_UNKNOWN_TOKEN']);
    const device = await server.ask('GET', '/v3/devices/TAB', { token: second.body.access_token });
    assert.equal(device.body.display_name, 'one');
  });

  it('tells the ways to log in', async () => {
    const { body } = await server.ask('GET', '/v3/login');
    assert.deepEqual(body.flows, [{ type: 'm.login.password' }, { type: 'm.login.token', get_login_token: true }]);
  });

  it('lets another device in with a token, once, if the password confirms it', async () => {
    const alice = await server.login('alice');
    const first = await alice.ask('POST', '/v1/login/get_token', {});
    assert.equal(first.status, 401);
    const auth = { ...withPassword, user: 'alice', session: first.body.session };
    const { body } = await alice.ask('POST', '/v1/login/get_token', { auth });
    assert.equal(body.expires_in_ms, 120_000);
    const again = await alice.ask('POST', '/v1/login/get_token', { auth: { session: first.body.session } });
    assert.equal(again.status, 401);
    const token = { type: 'm.login.token', token: body.login_token };
    assert.equal((await login(token)).body.user_id, '@alice:test.example');
    assert.equal((await login(token)).body.errcode, 'M_FORBIDDEN');
  });

  it('does not take a login token that has expired', async () => {
    const token = await server.homeserver.services.loginTokens.create('@alice:test.example');
    server.clock.advance(120_000);
    assert.equal((await login({ type: 'm.login.token', token })).body.errcode, 'M_FORBIDDEN');
  });
});

describe('POST /login with rate limits', () => {
  let server: TestHomeserver;
  const plenty = () => ({ per_second: 1000, burst: 1000 });
  const login = (password: string, user = 'alice') =>
    server.ask('POST', '/v3/login', { body: { type: 'm.login.password', user, password } });

  before(async () => {
    const failed_login = { per_second: 0.1, burst: 3 };
    const limits = { enabled: true, failed_login, login: plenty(), registration: plenty(), address: plenty() };
    server = await startTestHomeserver({ rate_limits: limits });
    await server.register('alice');
    await server.register('bob');
  });
  after(() => server.stop());

  it('makes guessing the password of an account slow, even for many guesses at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => login(`guess ${i}`)));
    assert.equal(answers.filter(({ status }) => status === 403).length, 3);
    const limited = answers.find(({ status }) => status === 429);
    assert.equal(limited?.body.errcode, 'M_LIMIT_EXCEEDED');
    assert.ok(limited.body.retry_after_ms > 0);
    assert.equal((await login(TEST_PASSWORD, 'bob')).status, 200);
    server.clock.advance(10_000);
    assert.equal((await login(TEST_PASSWORD)).status, 200);
  });

  it('does not count right passwords', async () => {
    for (let i = 0; i < 5; i += 1) assert.equal((await login(TEST_PASSWORD, 'bob')).status, 200);
  });
});
