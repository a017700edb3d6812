import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Options } from '../../../support/engines.ts';
import {
  type Person,
  providerOptions,
  startOpenIdProvider,
  type TestProvider,
} from '../../../support/openid-provider.ts';
import { type Shown, TestBrowser } from '../../../support/test-browser.ts';
import { startTestHomeserver, TEST_PASSWORD, type TestHomeserver } from '../../../support/test-homeserver.ts';

const BASE = 'http://test.example';
const APP = 'https://app.example.org/chat/?theme=dark#/welcome';
const CALLBACKS = ['example', 'other'].map((id) => `${BASE}/_igchat/sso/callback/${id}`);

describe('Single sign-on', () => {
  let provider: TestProvider;
  let server: TestHomeserver;
  let browser: TestBrowser;

  const start = async (sso: Options[], login: Options = {}, more: Options = {}) => {
    server = await startTestHomeserver({
      login: { sso, sso_clients: ['https://app.example.org/chat'], ...login },
      outgoing: { allow: ['127.0.0.0/8'] },
      ...more,
    });
    browser = newBrowser();
  };
  const newBrowser = () =>
    new TestBrowser(
      new Map([
        [BASE, () => server.url],
        [provider.issuer, () => provider.issuer],
      ]),
    );
  const begin = (redirectUrl = APP, path = '/v3/login/sso/redirect') =>
    browser.open(`${BASE}/_matrix/client${path}?redirectUrl=${encodeURIComponent(redirectUrl)}`);
  const login = (token: string) => server.ask('POST', '/v3/login', { body: { type: 'm.login.token', token } });
  const tokenIn = ({ url }: Shown) => new URL(url).searchParams.get('loginToken') ?? '';
  /** Somebody sits down at the browser. */
  const be = (person: Person) => {
    provider.person = person;
    browser.forget();
  };
  /** Who is logged in by what the client gets; undefined if it is sent nothing. */
  const userOf = async (shown: Shown) => (await login(tokenIn(shown))).body.user_id;

  before(async () => {
    provider = await startOpenIdProvider(CALLBACKS);
  });
  after(() => provider.stop());
  afterEach(() => server.stop());

  it('is not offered where no provider is configured', async () => {
    await start([]);
    const { body } = await server.ask('GET', '/v3/login');
    ok(body.flows.every(({ type }: { type: string }) => type !== 'm.login.sso'));
    strictEqual((await server.ask('GET', '/v3/login/sso/redirect?redirectUrl=x:y')).status, 404);
  });

  it('makes an account at the first login and finds it ever after', async () => {
    await start([providerOptions(provider)]);
    be({ sub: '1', preferred_username: 'Alice', name: 'Alice A.', email: 'alice@example.org' });
    const first = await begin();
    match(first.url, /^https:\/\/app\.example\.org\/chat\/\?theme=dark&loginToken=igl_\w+#\/welcome$/);
    const session = await login(tokenIn(first));
    deepStrictEqual([session.status, session.body.user_id], [200, '@alice:test.example']);
    const profile = await server.ask('GET', '/v3/profile/@alice:test.example');
    deepStrictEqual(profile.body, { displayname: 'Alice A.' });
    // The address was not asked for by the configuration.
    const { access_token: token } = session.body;
    deepStrictEqual((await server.ask('GET', '/v3/account/3pid', { token })).body.threepids, []);
    be({ sub: '1', preferred_username: 'renamed', name: 'Somebody' });
    strictEqual(await userOf(await begin()), '@alice:test.example');
    await server.restart();
    strictEqual(await userOf(await begin()), '@alice:test.example');
    strictEqual((await login(tokenIn(first))).status, 403, 'a token is good for one login');
  });

  it('gives the client a token that lives for two minutes', async () => {
    await start([providerOptions(provider)]);
    be({ sub: '1', preferred_username: 'alice' });
    const [one, two] = [tokenIn(await begin()), tokenIn(await begin())];
    server.clock.advance(119_000);
    strictEqual((await login(one)).status, 200);
    server.clock.advance(2_000);
    deepStrictEqual((await login(two)).body.errcode, 'M_FORBIDDEN');
  });

  it('lets clients and people choose among providers', async () => {
    const other = await startOpenIdProvider(CALLBACKS);
    try {
      const brand = { icon: 'mxc://test.example/icon', brand: 'gitlab' };
      await start([providerOptions(provider), { ...providerOptions(other, 'other'), name: 'Other', ...brand }]);
      const { body } = await server.ask('GET', '/v3/login');
      deepStrictEqual(body.flows[0], {
        type: 'm.login.sso',
        identity_providers: [
          { id: 'example', name: 'Example & Co' },
          { id: 'other', name: 'Other', icon: 'mxc://test.example/icon', brand: 'gitlab' },
        ],
      });
      provider.person = { sub: '1', preferred_username: 'alice' };
      other.person = { sub: '1', preferred_username: 'bob' };
      const choice = await begin();
      match(choice.body, /<nav aria-label="Ways to log in">/);
      match(choice.body, /Continue with Example &#38; Co/);
      const hosts = new Map([
        [BASE, () => server.url],
        ...[provider, other].map(({ issuer }): [string, () => string] => [issuer, () => issuer]),
      ]);
      browser = new TestBrowser(hosts);
      strictEqual(await userOf(await browser.follow(await begin(), 'Example')), '@alice:test.example');
      // The same subject of another issuer is somebody else.
      strictEqual(await userOf(await begin(APP, '/v3/login/sso/redirect/other')), '@bob:test.example');
      const unknown = await begin(APP, '/v3/login/sso/redirect/none');
      strictEqual(unknown.status, 404);
      match(unknown.body, /There is no such way to log in here/);
    } finally {
      await other.stop();
    }
  });

  it('never takes over an account because of its name or address, and lets people choose another name', async () => {
    await start([{ ...providerOptions(provider), email: '{email}' }]);
    const alice = await server.register('alice');
    be({ sub: '1', preferred_username: 'alice', email: 'a@example.org', email_verified: true });
    const asked = await begin();
    match(asked.body, /<label for="username">/);
    match(asked.body, /value="alice2"/);
    match(asked.body, /name="viewport"/);
    const taken = await browser.submit(asked, { username: 'alice' });
    strictEqual(taken.status, 400);
    match(taken.body, /role="alert"/);
    for (const username of ['_bridge', '1234', 'ä', '']) {
      strictEqual((await browser.submit(taken, { username })).status, 400, username);
    }
    const made = await browser.submit(taken, { username: 'Alice.New' });
    match(made.body, /Continue to app\.example\.org/);
    strictEqual(await userOf(await browser.follow(made, 'Continue')), '@alice.new:test.example');
    strictEqual(await userOf(await begin()), '@alice.new:test.example');
    strictEqual((await alice.ask('GET', '/v3/account/whoami')).body.user_id, '@alice:test.example');
    // Nobody else can have the address; another account is not given it.
    be({ sub: '2', preferred_username: 'mallory', email: 'a@example.org', email_verified: true });
    const mallory = await login(tokenIn(await begin()));
    strictEqual(mallory.body.user_id, '@mallory:test.example');
    const { body } = await server.ask('GET', '/v3/account/3pid', { token: mallory.body.access_token });
    deepStrictEqual(body.threepids, []);
  });

  it('takes addresses that are verified, and asks for names that the provider does not give', async () => {
    await start([{ ...providerOptions(provider), email: '{email}', display_name: '{given_name} {name}' }]);
    be({ sub: '1', given_name: 'A.', name: 'B.', email: 'A@example.org', email_verified: true });
    const made = await browser.submit(await begin(), { username: 'alice' });
    const { body: session } = await login(tokenIn(await browser.follow(made, 'Continue')));
    const ask = (path: string) => server.ask('GET', path, { token: session.access_token });
    deepStrictEqual((await ask('/v3/profile/@alice:test.example')).body, { displayname: 'A. B.' });
    strictEqual((await ask('/v3/account/3pid')).body.threepids[0].address, 'a@example.org');
    be({ sub: '2', preferred_username: 'bob', email: 'b@example.org', email_verified: false });
    const bob = await login(tokenIn(await begin()));
    const other = await server.ask('GET', '/v3/account/3pid', { token: bob.body.access_token });
    deepStrictEqual(other.body.threepids, []);
  });

  it('has new people choose their name and agree to the terms where that is configured', async () => {
    const terms = [{ id: 'rules', name: 'The <rules>', url: 'https://example.org/rules' }];
    await start([providerOptions(provider)], {}, { registration: { mode: 'closed', terms } });
    be({ sub: '1', preferred_username: 'alice' });
    const asked = await begin();
    match(asked.body, /value="alice"/);
    match(asked.body, /The &#60;rules&#62;/);
    strictEqual((await browser.submit(asked, { username: 'alice' })).status, 400);
    const made = await browser.submit(asked, { username: 'alice', agree: 'yes' });
    strictEqual(await userOf(await browser.follow(made, 'Continue')), '@alice:test.example');
    // Sent twice, it is the same account.
    strictEqual((await begin()).status, 0);
  });

  it('asks before it sends people to a client that is not known', async () => {
    await start([providerOptions(provider)]);
    be({ sub: '1', preferred_username: 'alice' });
    const unknown = [
      'https://app.example.org.evil.example/chat/',
      'https://app.example.org/other',
      'https://app.example.org/chatter',
      'https://app.example.org@evil.example/chat/',
      'http://app.example.org/chat/',
      'org.example.app:/callback',
    ];
    for (const address of unknown) {
      const asked = await begin(address);
      strictEqual(asked.status, 200, address);
      match(asked.body, /<strong>@alice:test\.example<\/strong>/);
      match(asked.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
      strictEqual(await userOf(await browser.follow(asked, 'Continue')), '@alice:test.example', address);
    }
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'nothing', `x:${'y'.repeat(2_000)}`]) {
      const { status, body } = await begin(address);
      strictEqual(status, 400, address);
      match(body, /role="alert"/);
    }
  });

  it('goes on only in the browser in which it was begun, and in time', async () => {
    await start([providerOptions(provider)]);
    be({ sub: '1', preferred_username: 'alice' });
    const hosts = new Map([[BASE, () => server.url]]);
    const atProvider = (await new TestBrowser(hosts).open(`${BASE}/_igchat/sso/start/example?redirectUrl=x:y`)).url;
    // Somebody is given the link with which another browser was sent to the provider.
    const victim = await browser.open(atProvider);
    strictEqual(victim.status, 400);
    match(victim.body, /begin again/);

    const tooLate = new TestBrowser(hosts);
    const { url } = await tooLate.open(`${BASE}/_igchat/sso/start/example?redirectUrl=x:y`);
    server.clock.advance(16 * 60_000);
    const back = await browser.open(url);
    strictEqual((await tooLate.open(back.url)).status, 400);
    for (const path of ['continue?id=x', 'callback/example?state=x&code=y', 'callback/example', 'continue?id=%0d']) {
      strictEqual((await browser.open(`${BASE}/_igchat/sso/${path}`)).status, 400, path);
    }
    strictEqual((await browser.open(`${BASE}/_igchat/sso/name?id=x`, { username: 'x' })).status, 400);
  });

  it('lets providers send people back with a form, of which nothing but the answer is looked at', async () => {
    await start([{ ...providerOptions(provider), response_mode: 'form_post' }]);
    be({ sub: '1', preferred_username: 'alice' });
    const form = await begin();
    const fields = Object.fromEntries(
      [...form.body.matchAll(/<input [^>]*name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    deepStrictEqual(Object.keys(fields).sort(), ['code', 'iss', 'state']);
    const back = await fetch(`${server.url}/_igchat/sso/callback/example`, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, user: '{"name":{"firstName":"Alice"}}' }),
      redirect: 'manual',
    });
    strictEqual(back.status, 303);
    const answer = new URL(back.headers.get('location') ?? '');
    deepStrictEqual([answer.origin, [...answer.searchParams.keys()].sort()], [BASE, ['code', 'iss', 'state']]);
    strictEqual(await userOf(await browser.submit(form, fields)), '@alice:test.example');
    strictEqual((await browser.open(`${BASE}/_igchat/sso/callback/example`, { state: 'x' })).status, 400);
  });

  it('gives people what their roles at the provider stand for, and takes it when they lose them', async () => {
    const provided = { ...providerOptions(provider), roles_claim: 'access.roles', choose_localpart: true };
    const roles = { admin_roles: ['Owner'], limit_roles: [{ role: 'Fan', factor: 3 }] };
    await start([{ ...provided, ...roles }]);
    const { accounts, externalAccounts } = server.homeserver.services;
    const known = async () => {
      const account = await accounts.get('@alice:test.example');
      const there = await externalAccounts.rolesOf('@alice:test.example');
      return [account?.isAdmin, account?.limitFactor, there];
    };
    // More than there is room for while a name is chosen: those count that mean something.
    const many = Array.from({ length: 90 }, (_, n) => `some role of no meaning ${n}`);
    const person = { sub: '1', preferred_username: 'alice' };
    be({ ...person, access: { roles: [...many, 'Owner', 'Fan'] } });
    await browser.submit(await begin(), { username: 'alice' });
    const [isAdmin, factor, there] = await known();
    deepStrictEqual([isAdmin, factor, (there as string[]).includes('Owner')], [true, 3, true]);
    be({ ...person, access: { roles: ['Fan', 7, ''] } });
    await begin();
    deepStrictEqual(await known(), [false, 3, ['Fan']]);
    be({ ...person, access: 'none' });
    await begin();
    deepStrictEqual(await known(), [false, 1, []]);
  });

  it('makes no accounts where that is switched off, and none for those who refuse', async () => {
    await start([{ ...providerOptions(provider), registration: false }]);
    be({ sub: '1', preferred_username: 'alice' });
    const refused = await begin();
    strictEqual(refused.status, 403);
    match(refused.body, /You have no account here/);
    browser.forget();
    provider.person = undefined;
    strictEqual((await begin()).status, 403);
    ok(server.lines.some((line) => line.includes('a login with a provider was refused')));
  });

  it('respects what became of an account', async () => {
    await start([providerOptions(provider)]);
    be({ sub: '1', preferred_username: 'alice' });
    await begin();
    const { accounts, deactivation } = server.homeserver.services;
    await accounts.setLocked('@alice:test.example', true);
    deepStrictEqual((await login(tokenIn(await begin()))).body.errcode, 'M_USER_LOCKED');
    await deactivation.deactivate('@alice:test.example', false);
    strictEqual((await begin()).status, 403);
  });

  it('connects only to what it may connect to', async () => {
    await start([providerOptions(provider)], {}, { outgoing: { allow: [] } });
    const { length } = provider.paths;
    const away = await begin();
    strictEqual(away.status, 503);
    match(away.body, /Example &#38; Co cannot be reached/);
    strictEqual(provider.paths.length, length);
    ok(server.lines.some((line) => line.includes('address-refused') || line.includes('may not be connected')));
  });

  describe('in place of a password', () => {
    const deleteDevice = (token: string, device: string, auth?: object) =>
      server.ask('DELETE', `/v3/devices/${device}`, { token, body: auth === undefined ? {} : { auth } });
    const page = (session: string) =>
      browser.open(`${BASE}/_matrix/client/v3/auth/m.login.sso/fallback/web?session=${session}`);

    it('confirms what the owner of an account does', async () => {
      await start([providerOptions(provider)]);
      be({ sub: '1', preferred_username: 'alice' });
      const { body: one } = await login(tokenIn(await begin()));
      const { body: two } = await login(tokenIn(await begin()));
      const asked = await deleteDevice(one.access_token, two.device_id);
      deepStrictEqual([asked.status, asked.body.flows], [401, [{ stages: ['m.login.sso'] }]]);
      const { session } = asked.body;
      const early = await deleteDevice(one.access_token, two.device_id, { session });
      deepStrictEqual([early.status, early.body.session], [401, session]);
      const claimed = await deleteDevice(one.access_token, two.device_id, { session, type: 'm.login.sso' });
      deepStrictEqual([claimed.status, claimed.body.errcode], [401, 'M_FORBIDDEN']);
      const question = await page(session);
      match(question.body, /end a session/);
      // Somebody else does not help.
      be({ sub: '2', preferred_username: 'mallory' });
      await begin();
      strictEqual((await browser.follow(question, 'Example')).status, 403);
      be({ sub: '1' });
      const done = await browser.follow(question, 'Example');
      match(done.body, /onAuthDone/);
      strictEqual((await deleteDevice(one.access_token, two.device_id, { session })).status, 200);
      strictEqual((await page('none')).status, 400);
    });

    it('is asked of those only who log in so, and either will do for who has a password, too', async () => {
      await start([providerOptions(provider)]);
      const bob = await server.register('bob');
      const asked = await deleteDevice(bob.accessToken, 'X');
      deepStrictEqual(asked.body.flows, [{ stages: ['m.login.password'] }]);
      be({ sub: '1', preferred_username: 'alice' });
      const { body: alice } = await login(tokenIn(await begin()));
      await server.homeserver.services.accounts.setPassword('@alice:test.example', TEST_PASSWORD);
      const either = await deleteDevice(alice.access_token, 'X');
      deepStrictEqual(either.body.flows, [{ stages: ['m.login.password'] }, { stages: ['m.login.sso'] }]);
    });

    it('confirms once what has to be confirmed each time', async () => {
      await start([providerOptions(provider)]);
      be({ sub: '1', preferred_username: 'alice' });
      const { body: alice } = await login(tokenIn(await begin()));
      const getToken = (body: object) => server.ask('POST', '/v1/login/get_token', { token: alice.access_token, body });
      const { session } = (await getToken({})).body;
      await browser.follow(await page(session), 'Example');
      const first = await getToken({ auth: { session } });
      strictEqual(first.status, 200);
      const second = await getToken({ auth: { session } });
      strictEqual(second.status, 401);
      notStrictEqual(second.body.session, session);
    });
  });
});
