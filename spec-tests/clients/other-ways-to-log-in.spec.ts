import { strict as assert } from 'node:assert';
import { SignJWT } from 'jose';
import { type AuthDict, HttpApiEvent, type LoginRequest, type MatrixError } from 'matrix-js-sdk';
import { startMailServer, type TestMailServer } from '../support/mail-server.ts';
import { providerOptions, startOpenIdProvider, type TestProvider } from '../support/openid-provider.ts';
import { TestBrowser } from '../support/test-browser.ts';
import { anonymous, Cast, logIn } from './support/cast.ts';
import type { Device, Session } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { openRoom, reads, say } from './support/rooms.ts';

const SECRET = 'a secret that iGCore shares with this server';
const APP = 'https://app.example.org/';

describe('other ways to log in', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let provider: TestProvider;
  let mail: TestMailServer;
  let browser: TestBrowser;
  let cast: Cast;

  before(async () => {
    mail = await startMailServer();
    homeserver = await launchHomeserver({
      settings: async (baseUrl) => {
        provider = await startOpenIdProvider([`${baseUrl}/_igchat/sso/callback/example`]);
        return {
          login: { sso: [providerOptions(provider)], sso_clients: [APP], jwt: [{ id: 'igcore', secret: SECRET }] },
          registration: { mode: 'open', email: 'optional' },
          email: mail.options,
        };
      },
    });
    const origins = [homeserver.baseUrl, provider.issuer];
    browser = new TestBrowser(new Map(origins.map((origin) => [origin, () => origin])));
    cast = new Cast(homeserver);
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
    await provider?.stop();
    await mail?.stop();
  });

  const enter = async (request: LoginRequest): Promise<Device> => {
    const answer = await anonymous(homeserver).loginRequest(request);
    const { user_id: userId, device_id: deviceId, access_token: accessToken } = answer;
    return cast.enter({ baseUrl: homeserver.baseUrl, userId, deviceId, accessToken, password: '' });
  };

  /** As somebody at a browser, whom the provider knows. */
  const enterWithProvider = async (sub: string, name: string): Promise<Device> => {
    provider.person = { sub, preferred_username: name, name };
    browser.forget();
    const shown = await browser.open(anonymous(homeserver).getSsoLoginUrl(APP, 'sso', 'example'));
    const token = new URL(shown.url).searchParams.get('loginToken');
    assert.ok(token, shown.body);
    return enter({ type: 'm.login.token', token });
  };

  /** As iGCore signs: without issuer, audience or times. */
  const sign = (sub: string) =>
    new SignJWT({ email: `${sub}@example.org`, sub })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(SECRET));
  const enterWithToken = async (sub: string) => enter({ type: 'org.matrix.login.jwt', token: await sign(sub) });

  /** Deletes another device of the same user, as the server asks the user to confirm it. */
  const deleteDevice = async (device: Device, other: Session, confirm: (session: string) => Promise<AuthDict>) => {
    const asked: MatrixError = await device.client.deleteDevice(other.deviceId).then(
      () => assert.fail('a device was deleted without a question'),
      (error) => error,
    );
    assert.equal(asked.httpStatus, 401);
    await device.client.deleteDevice(other.deviceId, await confirm(asked.data.session));
  };

  it('are offered to clients', async () => {
    const { flows } = await anonymous(homeserver).loginFlows();
    assert.deepEqual(
      flows.map(({ type }) => type),
      ['m.login.sso', 'm.login.password', 'm.login.token', 'org.matrix.login.jwt'],
    );
  });

  it('lead to the same encrypted room', async () => {
    const [alice, bob] = await Promise.all([enterWithProvider('1', 'alice'), enterWithToken('bob')]);
    assert.deepEqual([alice.userId, bob.userId], ['@alice:localhost', '@bob:localhost']);
    const room = await openRoom(alice, [bob], { direct: true });
    const question = await say(alice, room, 'how have you come here?');
    assert.equal((await reads(bob, room, question)).getContent()['body'], 'how have you come here?');
    const answer = await say(bob, room, 'with a token');
    assert.equal((await reads(alice, room, answer)).getContent()['body'], 'with a token');
    // The address in the token is nobody's business.
    assert.deepEqual(await alice.client.getProfileInfo(bob.userId), { displayname: 'bob' });
    assert.equal((await alice.client.searchUserDirectory({ term: 'example.org' })).results.length, 0);
  });

  it('let a user confirm in the browser what a password confirms otherwise', async () => {
    const phone = await enterWithProvider('2', 'carol');
    const laptop = await enterWithProvider('2', 'carol');
    assert.equal(phone.userId, laptop.userId);
    const turnedAway = new Promise((resolve) => laptop.client.once(HttpApiEvent.SessionLoggedOut, resolve));
    await deleteDevice(phone, laptop.session, async (session) => {
      const page = await browser.open(phone.client.getFallbackAuthUrl('m.login.sso', session));
      assert.match(page.body, /end a session/);
      assert.match((await browser.follow(page, 'Example')).body, /onAuthDone/);
      return { session };
    });
    await turnedAway;
  });

  it('let a user confirm with a new token of the application', async () => {
    const phone = await enterWithToken('dave');
    const laptop = await enterWithToken('dave');
    const turnedAway = new Promise((resolve) => laptop.client.once(HttpApiEvent.SessionLoggedOut, resolve));
    await deleteDevice(phone, laptop.session, async (session) => ({
      type: 'org.matrix.login.jwt',
      token: await sign('dave'),
      session,
    }));
    await turnedAway;
  });

  it('include a registration with an address, and a new password by mail', async () => {
    const client = anonymous(homeserver);
    const secret = 'erin_and_nobody_else';
    const address = 'erin@example.org';
    const prove = async (sid: string) => {
      const page = await browser.open(mail.received.at(-1)?.link.href ?? '');
      assert.equal((await browser.submit(page, {})).status, 200);
      return { type: 'm.login.email.identity', threepid_creds: { sid, client_secret: secret } };
    };
    const { sid } = await client.requestRegisterEmailToken(address, secret, 1);
    const registered = await client.registerRequest({
      username: 'erin',
      password: 'erins password',
      auth: await prove(sid),
    });
    assert.equal(registered.user_id, '@erin:localhost');
    const again = await client.requestPasswordEmailToken(address, secret, 2);
    await client.setPassword(await prove(again.sid), 'erins new password', true);
    const session = await logIn(homeserver, 'erin', 'erins new password');
    const erin = await cast.enter(session);
    assert.deepEqual(
      (await erin.client.getThreePids()).threepids.map((known) => known.address),
      [address],
    );
  });

  it('go on after a restart', async () => {
    // Clients that find the server away wait before they ask again.
    cast.stop();
    await homeserver.restart();
    const alice = await enterWithProvider('1', 'alice');
    const bob = await enterWithToken('bob');
    assert.deepEqual([alice.userId, bob.userId], ['@alice:localhost', '@bob:localhost']);
  });
});
