import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { type Certificate, makeCa, type TestCa } from '../../../support/certificates.ts';
import type { Options } from '../../../support/engines.ts';
import { type Peer, startPeer } from '../../../support/peer.ts';
import { startTestHomeserver, type TestHomeserver } from '../../../support/test-homeserver.ts';

const SECRET = 'a secret that iGCore and this server share';

describe('Logging in with the token of another application', () => {
  let server: TestHomeserver;
  const started: TestHomeserver[] = [];

  const start = async (...applications: Options[]) => {
    server = await startTestHomeserver({ login: { jwt: applications }, ...more });
    started.push(server);
  };
  let more: Options = {};
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop();
    more = {};
  });

  /** As iGCore signs: `email` and `sub`, without issuer, audience or times. */
  const sign = (claims: JWTPayload, { secret = SECRET, alg = 'HS256' } = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
  const login = (token: string) => server.ask('POST', '/v3/login', { body: { type: 'org.matrix.login.jwt', token } });
  const outcome = async (token: string) => {
    const { status, body } = await login(token);
    return status === 200 ? body.user_id : [status, body.errcode];
  };
  const flows = async () =>
    (await server.ask('GET', '/v3/login')).body.flows.map((flow: { type: string }) => flow.type);
  const seconds = () => Math.floor(server.clock.now() / 1000);
  const igcore = { id: 'igcore', secret: SECRET };
  const refused = [403, 'M_FORBIDDEN'];

  it('is not offered where no application is configured', async () => {
    await start();
    strictEqual((await flows()).includes('org.matrix.login.jwt'), false);
    deepStrictEqual(await outcome(await sign({ sub: 'alice' })), [400, 'M_UNKNOWN']);
  });

  it('makes an account at the first time and finds it ever after', async () => {
    await start(igcore);
    strictEqual((await flows()).includes('org.matrix.login.jwt'), true);
    const token = await sign({ email: 'a@example.org', sub: 'Alice Ä' });
    const first = await login(token);
    deepStrictEqual([first.status, first.body.user_id], [200, '@alice=20=c3=a4:test.example']);
    strictEqual(await outcome(token), first.body.user_id);
    const me = await server.ask('GET', '/v3/account/whoami', { token: first.body.access_token });
    strictEqual(me.body.user_id, first.body.user_id);
    const profile = await server.ask('GET', `/v3/profile/${encodeURIComponent(first.body.user_id)}`);
    deepStrictEqual(profile.body, { displayname: 'Alice Ä' });
    strictEqual(await outcome(await sign({ sub: '12345' })), '@u12345:test.example');
  });

  it('never takes over an account because of its name', async () => {
    await start(igcore, { id: 'other', secret: 'another secret of another application' });
    await server.register('alice');
    deepStrictEqual(await outcome(await sign({ sub: 'alice' })), refused);
    strictEqual(await outcome(await sign({ sub: 'bob' })), '@bob:test.example');
    deepStrictEqual(
      await outcome(await sign({ sub: 'bob' }, { secret: 'another secret of another application' })),
      refused,
    );
  });

  it('refuses tokens that are forged, unsigned, signed otherwise, too old or not yet valid', async () => {
    await start(igcore);
    const now = seconds();
    const cases = [
      await sign({ sub: 'alice' }, { secret: 'the wrong secret of somebody else' }),
      await sign({ sub: 'alice' }, { alg: 'HS512' }),
      new UnsecuredJWT({ sub: 'alice' }).encode(),
      await sign({ sub: 'alice', exp: now - 11 }),
      await sign({ sub: 'alice', nbf: now + 11 }),
      await sign({}),
      await sign({ sub: '' }),
      'x',
      '',
      'x.y.z',
      'a'.repeat(20_000),
    ];
    for (const token of cases) deepStrictEqual(await outcome(token), refused, token);
    strictEqual(server.lines.filter((line) => line.includes('a login token was refused')).length, cases.length);
    strictEqual(await outcome(await sign({ sub: 'alice', exp: now - 9 })), '@alice:test.example');
  });

  it('checks issuer, audience and age where they are configured, and wants them then', async () => {
    await start({ ...igcore, issuer: 'igcore', audience: 'chat', max_age: '1m' });
    const right = { sub: 'alice', iss: 'igcore', aud: ['web', 'chat'], iat: seconds() - 60 };
    strictEqual(await outcome(await sign(right)), '@alice:test.example');
    for (const wrong of [{ iss: 'x' }, { aud: 'x' }, { iat: seconds() - 71 }]) {
      deepStrictEqual(await outcome(await sign({ ...right, ...wrong })), refused);
    }
    for (const absent of ['iss', 'aud', 'iat']) {
      const { [absent]: _, ...rest } = right as JWTPayload;
      deepStrictEqual(await outcome(await sign(rest)), refused);
    }
  });

  it('takes name and roles from the claims that are configured', async () => {
    const claims = { localpart_claim: 'username', display_name_claim: 'name', roles_claim: 'roles' };
    more = { rate_limits: { enabled: true, general: { per_second: 0.001, burst: 1 } } };
    await start({ ...igcore, ...claims, admin_roles: ['Owner'], unlimited_roles: ['VIP', 'Partner'] });
    const token = (roles: string[]) => sign({ sub: '77', username: 'Ann', name: 'Ann A.', roles });
    const admin = await login(await token(['Owner', 'VIP']));
    strictEqual(admin.body.user_id, '@ann:test.example');
    const ask = async (path: string) => (await server.ask('GET', path, { token: admin.body.access_token })).status;
    deepStrictEqual([await ask('/v3/devices'), await ask('/v3/devices')], [200, 200]);
    strictEqual(await ask('/v1/admin/lock/@ann:test.example'), 200);
    await login(await token(['Subscriber']));
    strictEqual(await ask('/v1/admin/lock/@ann:test.example'), 403);
    deepStrictEqual([await ask('/v3/devices'), await ask('/v3/devices')], [200, 429]);
  });

  it('gives roles higher limits than others have', async () => {
    more = { rate_limits: { enabled: true, general: { per_second: 0.001, burst: 2 } } };
    const limit_roles = [{ role: 'Subscriber' }, { role: 'Creator', factor: 3 }];
    await start({ ...igcore, roles_claim: 'roles', limit_roles });
    const asked = async (roles: string[]) => {
      const { body } = await login(await sign({ sub: roles.join('') || 'none', roles }));
      let count = 0;
      while ((await server.ask('GET', '/v3/devices', { token: body.access_token })).status === 200) count += 1;
      return count;
    };
    deepStrictEqual([await asked([]), await asked(['Subscriber']), await asked(['Subscriber', 'Creator'])], [2, 4, 6]);
  });

  it('makes no account where the claim or the answer with the user name is missing', async () => {
    await start({ ...igcore, localpart_claim: 'username' });
    deepStrictEqual(await outcome(await sign({ sub: '7' })), refused);
    strictEqual(await outcome(await sign({ sub: '7', username: 'seven' })), '@seven:test.example');
    strictEqual(await outcome(await sign({ sub: '7' })), '@seven:test.example');
  });

  it('confirms what users without a password do', async () => {
    await start(igcore);
    const [alice, mallory] = [await sign({ sub: 'alice' }), await sign({ sub: 'mallory' })];
    await login(mallory);
    const { body: session } = await login(alice);
    const remove = (auth?: object) =>
      server.ask('POST', '/v3/delete_devices', {
        token: session.access_token,
        body: { devices: ['X'], ...(auth === undefined ? {} : { auth }) },
      });
    const asked = await remove();
    deepStrictEqual([asked.status, asked.body.flows], [401, [{ stages: ['org.matrix.login.jwt'] }]]);
    const auth = { type: 'org.matrix.login.jwt', session: asked.body.session };
    for (const token of [mallory, 'x', await sign({ sub: 'alice' }, { alg: 'HS512' })]) {
      deepStrictEqual((await remove({ ...auth, token })).body.errcode, 'M_FORBIDDEN');
    }
    strictEqual((await remove({ ...auth, token: alice })).status, 200);
  });

  it('makes no accounts where that is switched off, and respects what became of those there are', async () => {
    await start({ ...igcore, registration: false });
    deepStrictEqual(await outcome(await sign({ sub: 'alice' })), refused);
    await start(igcore);
    await outcome(await sign({ sub: 'alice' }));
    await server.homeserver.services.accounts.setLocked('@alice:test.example', true);
    deepStrictEqual(await outcome(await sign({ sub: 'alice' })), [401, 'M_USER_LOCKED']);
    await server.homeserver.services.deactivation.deactivate('@alice:test.example', false);
    deepStrictEqual(await outcome(await sign({ sub: 'alice' })), [403, 'M_USER_DEACTIVATED']);
  });

  describe('that is asked over the network', () => {
    let ca: TestCa;
    let certificate: Certificate;
    let peer: Peer;
    let answers: Record<string, { status: number; body: unknown }>;

    before(async function () {
      ca = makeCa(this);
      certificate = ca.issue('127.0.0.1');
      peer = await startPeer(
        (request, response) => {
          const { status, body } = answers[request.url ?? ''] ?? { status: 404, body: {} };
          if (status === 0) return;
          response.writeHead(status).end(JSON.stringify(body));
        },
        { certificate },
      );
    });
    after(async () => {
      await peer.close();
      ca.remove();
    });
    beforeEach(() => {
      answers = {};
      more = { outgoing: { allow: ['127.0.0.0/8'], ca_files: [ca.file], public_cas: false } };
    });
    const at = (path: string) => `https://127.0.0.1:${peer.port}${path}`;

    it('says who its users are; without an answer only known ones log in', async () => {
      await start({ ...igcore, lookup_url: at('/users/{sub}'), lookup_token: 'bearer', admin_roles: ['Owner'] });
      const [alice, bob, carol] = [await sign({ sub: 'a/1' }), await sign({ sub: 'b' }), await sign({ sub: 'c' })];
      answers['/users/a%2F1'] = { status: 200, body: { username: 'Alice', display_name: 'Al', roles: ['Owner'] } };
      answers['/users/b'] = { status: 500, body: {} };
      const first = await login(alice);
      strictEqual(first.body.user_id, '@alice:test.example');
      strictEqual(peer.requests.at(-1)?.headers.authorization, 'Bearer bearer');
      deepStrictEqual(await outcome(bob), [503, 'M_UNKNOWN']);
      deepStrictEqual(await outcome(carol), refused);
      answers['/users/a%2F1'] = { status: 500, body: {} };
      strictEqual(await outcome(alice), '@alice:test.example');
      const whois = { token: first.body.access_token };
      strictEqual((await server.ask('GET', '/v1/admin/lock/@alice:test.example', whois)).status, 200);
      delete answers['/users/a%2F1'];
      deepStrictEqual(await outcome(alice), refused);
    });

    it('publishes keys, and new ones when it has changed them', async () => {
      const pair = async (kid: string) => {
        const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
        return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }, privateKey, kid };
      };
      const [one, two] = [await pair('one'), await pair('two')];
      const signed = (key: typeof one) =>
        new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg: 'ES256', kid: key.kid }).sign(key.privateKey);
      answers['/jwks'] = { status: 200, body: { keys: [one.jwk] } };
      await start({ id: 'app', algorithm: 'ES256', jwks_url: at('/jwks') });
      strictEqual(await outcome(await signed(one)), '@alice:test.example');
      strictEqual(await outcome(await signed(one)), '@alice:test.example');
      strictEqual(peer.requests.filter(({ target }) => target === '/jwks').length, 1);
      deepStrictEqual(await outcome(await signed(two)), refused);
      answers['/jwks'] = { status: 200, body: { keys: [two.jwk] } };
      server.clock.advance(30_000);
      strictEqual(await outcome(await signed(two)), '@alice:test.example');
      deepStrictEqual(await outcome(await signed(one)), refused);
      // A public key is no shared secret.
      deepStrictEqual(await outcome(await sign({ sub: 'alice' }, { secret: JSON.stringify(two.jwk) })), refused);
    });
  });
});
