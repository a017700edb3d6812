import assert from 'node:assert/strict';
import { startTestHomeserver, TEST_PASSWORD, type TestHomeserver } from '../../../support/test-homeserver.ts';

describe('POST /register', () => {
  let server: TestHomeserver;
  const register = (body: object, query = '') => server.ask('POST', `/v3/register${query}`, { body });
  const dummy = { auth: { type: 'm.login.dummy' }, password: TEST_PASSWORD };

  before(async () => {
    server = await startTestHomeserver({ password: { min_length: 8 } });
  });
  after(() => server.stop());

  it('makes an account and logs it in, in one request', async () => {
    const { status, body } = await register({ ...dummy, username: 'alice', device_id: 'PHONE' });
    assert.equal(status, 200);
    assert.equal(body.user_id, '@alice:test.example');
    assert.equal(body.home_server, 'test.example');
    assert.equal(body.device_id, 'PHONE');
    assert.equal(body.refresh_token, undefined);
    const whoami = await server.ask('GET', '/v3/account/whoami', { token: body.access_token });
    assert.deepEqual(whoami.body, { user_id: '@alice:test.example', device_id: 'PHONE', is_guest: false });
  });

  it('tells the flows first, and then takes the session with the real request', async () => {
    const first = await register({});
    assert.equal(first.status, 401);
    assert.deepEqual(first.body.flows, [{ stages: ['m.login.dummy'] }]);
    assert.equal(first.body.errcode, undefined);
    const { session } = first.body;
    const second = await register({
      username: 'bob',
      password: TEST_PASSWORD,
      auth: { type: 'm.login.dummy', session },
    });
    assert.equal(second.status, 200);
    assert.equal(second.body.user_id, '@bob:test.example');
  });

  it('logs the same account in again when the reply was lost and the request is repeated', async () => {
    const { session } = (await register({})).body;
    const body = { username: 'carol', password: TEST_PASSWORD, auth: { type: 'm.login.dummy', session } };
    const lost = await register(body);
    const repeated = await register(body);
    assert.equal(repeated.status, 200);
    assert.equal(repeated.body.user_id, lost.body.user_id);
    const another = await register({ ...body, username: 'carola' });
    assert.equal(another.status, 403);
  });

  it('folds capitals, and shows the name as it was typed', async () => {
    const { body } = await register({ ...dummy, username: 'DaVe' });
    assert.equal(body.user_id, '@dave:test.example');
    const profile = await server.ask('GET', '/v3/profile/@dave:test.example');
    assert.deepEqual(profile.body, { displayname: 'DaVe' });
    assert.equal((await register({ ...dummy, username: 'dave' })).body.errcode, 'M_USER_IN_USE');
  });

  it('finds a name for who gives none', async () => {
    const { status, body } = await register(dummy);
    assert.equal(status, 200);
    assert.match(body.user_id, /^@[a-z0-9]+:test\.example$/);
  });

  it('does not log in if that is not wanted', async () => {
    const { body } = await register({ ...dummy, username: 'erin', inhibit_login: true });
    assert.deepEqual(Object.keys(body).sort(), ['home_server', 'user_id']);
  });

  it('gives a refresh token to clients that can use one', async () => {
    const { body } = await register({ ...dummy, username: 'frank', refresh_token: true });
    assert.equal(typeof body.refresh_token, 'string');
    assert.equal(body.expires_in_ms, 300_000);
  });

  it('gives one of two who want a name at the same time the name', async () => {
    const [a, b] = await Promise.all([
      register({ ...dummy, username: 'grace' }),
      register({ ...dummy, username: 'grace' }),
    ]);
    assert.deepEqual([a.status, b.status].sort(), [200, 400]);
    assert.equal((a.status === 400 ? a : b).body.errcode, 'M_USER_IN_USE');
  });

  for (const [username, errcode] of [
    ['alice', 'M_USER_IN_USE'],
    ['', 'M_INVALID_USERNAME'],
    ['has space', 'M_INVALID_USERNAME'],
    ['ünïcode', 'M_INVALID_USERNAME'],
    ['a:b', 'M_INVALID_USERNAME'],
    ['_bridge', 'M_INVALID_USERNAME'],
    ['12345', 'M_INVALID_USERNAME'],
    ['x'.repeat(250), 'M_INVALID_USERNAME'],
  ] as const) {
    it(`refuses the user name ${JSON.stringify(username.slice(0, 20))} with ${errcode}, before any authentication`, async () => {
      const { status, body } = await register({ username, password: TEST_PASSWORD });
      assert.equal(status, 400);
      assert.equal(body.errcode, errcode);
      const available = await server.ask('GET', `/v3/register/available?username=${encodeURIComponent(username)}`);
      assert.equal(available.body.errcode, errcode);
    });
  }

  for (const [what, body, status, errcode] of [
    ['a short password', { ...dummy, username: 'zoe', password: 'short' }, 400, 'M_WEAK_PASSWORD'],
    ['no password', { auth: dummy.auth, username: 'zoe' }, 400, 'M_MISSING_PARAM'],
    ['a number as user name', { ...dummy, username: 5 }, 400, 'M_BAD_JSON'],
    ['an unknown stage', { ...dummy, username: 'zoe', auth: { type: 'm.login.sso' } }, 401, 'M_INVALID_PARAM'],
    [
      'an unknown session',
      { ...dummy, username: 'zoe', auth: { ...dummy.auth, session: 'x' } },
      401,
      'M_INVALID_PARAM',
    ],
    ['a device id that is too long', { ...dummy, username: 'zoe', device_id: 'x'.repeat(300) }, 400, 'M_INVALID_PARAM'],
  ] as const) {
    it(`refuses ${what} with ${errcode}`, async () => {
      const answer = await register(body);
      assert.deepEqual([answer.status, answer.body.errcode], [status, errcode]);
    });
  }

  it('takes no guests unless configured to', async () => {
    const { status, body } = await register({}, '?kind=guest');
    assert.deepEqual([status, body.errcode], [403, 'M_GUEST_ACCESS_FORBIDDEN']);
  });

  it('knows no other kinds of accounts', async () => {
    const { status, body } = await register(dummy, '?kind=robot');
    assert.deepEqual([status, body.errcode], [400, 'M_INVALID_PARAM']);
  });

  it('answers that a name is free', async () => {
    const { status, body } = await server.ask('GET', '/v3/register/available?username=Nobody.yet');
    assert.deepEqual([status, body], [200, { available: true }]);
  });
});

describe('POST /register with registration tokens', () => {
  let server: TestHomeserver;
  const register = (body: object) => server.ask('POST', '/v3/register', { body });
  const auth = (token: string, session?: string) => ({ type: 'm.login.registration_token', token, session });
  const isValid = async (token: string) =>
    (await server.ask('GET', `/v1/register/m.login.registration_token/validity?token=${token}`)).body.valid;

  beforeEach(async () => {
    server = await startTestHomeserver({ registration: { mode: 'token' } });
  });
  afterEach(() => server.stop());

  it('makes who has the token of the first start an administrator, once', async () => {
    const { registrationTokens, accounts } = server.homeserver.services;
    const token = await registrationTokens.firstStartToken();
    assert.ok(token);
    assert.equal(await registrationTokens.firstStartToken(), token);
    const { session } = (await register({})).body;
    const body = { username: 'root', password: TEST_PASSWORD, auth: auth(token, session) };
    assert.equal((await register(body)).status, 200);
    assert.equal((await accounts.get('@root:test.example'))?.isAdmin, true);
    assert.equal(await registrationTokens.firstStartToken(), undefined);
    assert.equal(await isValid(token), false);
  });

  it('forgets the token of the first start when the administrator makes an account', async () => {
    const { registrationTokens, accounts } = server.homeserver.services;
    const token = await registrationTokens.firstStartToken();
    await accounts.create({ username: 'root', password: TEST_PASSWORD, isAdmin: true });
    assert.equal(await isValid(token!), false);
  });

  it('lets as many register as the token allows, counting those that are under way', async () => {
    await server.homeserver.services.registrationTokens.create({ token: 'two', usesAllowed: 2 });
    const first = await register({ username: 'a', password: TEST_PASSWORD, auth: auth('two') });
    assert.equal(first.status, 200);
    // Begun, but without a password it cannot be completed.
    const begun = await register({ username: 'b', auth: auth('two') });
    assert.equal(begun.body.errcode, 'M_MISSING_PARAM');
    assert.equal(await isValid('two'), false);
    const third = await register({ username: 'c', password: TEST_PASSWORD, auth: auth('two') });
    assert.equal(third.status, 401);
    assert.equal(third.body.errcode, 'M_FORBIDDEN');
    assert.deepEqual(await server.homeserver.services.registrationTokens.get('two'), {
      token: 'two',
      usesAllowed: 2,
      pending: 1,
      completed: 1,
    });
  });

  it('gives the use of a token back when a registration is not completed in time', async () => {
    const { registrationTokens, interactiveAuth } = server.homeserver.services;
    await registrationTokens.create({ token: 'one', usesAllowed: 1 });
    await register({ username: 'b', auth: auth('one') });
    assert.equal(await isValid('one'), false);
    server.clock.advance(16 * 60_000);
    await interactiveAuth.prune(100);
    assert.equal(await isValid('one'), true);
  });

  it('lets only one of many requests at once use the last use of a token', async () => {
    await server.homeserver.services.registrationTokens.create({ token: 'one', usesAllowed: 1 });
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((username) => register({ username, password: TEST_PASSWORD, auth: auth('one') })),
    );
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 401, 401, 401]);
  });

  it('does not take expired or unknown tokens', async () => {
    const expiresAt = server.clock.now() + 1_000;
    await server.homeserver.services.registrationTokens.create({ token: 'soon', expiresAt });
    assert.equal(await isValid('soon'), true);
    server.clock.advance(1_000);
    assert.equal(await isValid('soon'), false);
    for (const token of ['soon', 'never']) {
      const { status, body } = await register({ username: 'b', password: TEST_PASSWORD, auth: auth(token) });
      assert.deepEqual([status, body.errcode], [401, 'M_FORBIDDEN']);
      assert.equal(typeof body.session, 'string');
    }
  });

  it('does not let dummy authentication pass', async () => {
    const body = { username: 'b', password: TEST_PASSWORD, auth: { type: 'm.login.dummy' } };
    const answer = await register(body);
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.body.flows, [{ stages: ['m.login.registration_token'] }]);
  });
});

describe('POST /register on a closed server', () => {
  let server: TestHomeserver;
  before(async () => {
    server = await startTestHomeserver({ registration: { mode: 'closed', guests: true } });
  });
  after(() => server.stop());

  for (const [method, path] of [
    ['POST', '/v3/register'],
    ['GET', '/v3/register/available?username=a'],
    ['GET', '/v1/register/m.login.registration_token/validity?token=a'],
  ] as const) {
    it(`refuses ${method} ${path}`, async () => {
      const { status, body } = await server.ask(method, path, method === 'POST' ? { body: {} } : {});
      assert.deepEqual([status, body.errcode], [403, 'M_FORBIDDEN']);
    });
  }

  it('still takes guests if configured to, who can do little', async () => {
    const { status, body } = await server.ask('POST', '/v3/register?kind=guest', { body: {} });
    assert.equal(status, 200);
    assert.match(body.user_id, /^@\d+:test\.example$/);
    const token = body.access_token;
    assert.equal((await server.ask('GET', '/v3/account/whoami', { token })).body.is_guest, true);
    const refused = await server.ask('GET', '/v3/account/3pid', { token });
    assert.deepEqual([refused.status, refused.body.errcode], [403, 'M_GUEST_ACCESS_FORBIDDEN']);
  });
});
