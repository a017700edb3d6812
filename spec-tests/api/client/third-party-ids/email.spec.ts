import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { makeCa } from '../../../support/certificates.ts';
import { startMailServer, type TestMailServer } from '../../../support/mail-server.ts';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

const phone = [400, 'M_THREEPID_MEDIUM_NOT_SUPPORTED'];

describe('E-mail addresses', () => {
  let mail: TestMailServer;
  let server: TestHomeserver;
  let secrets = 0;

  before(async () => {
    mail = await startMailServer();
    server = await startTestHomeserver({ email: mail.options, registration: { email: 'optional' } });
  });
  after(async () => {
    await server.stop();
    await mail.stop();
  });
  beforeEach(() => {
    mail.received.length = 0;
    mail.isFull = false;
  });

  interface Proof {
    readonly sid: string;
    readonly client_secret: string;
  }
  const ask = (path: string, body: object) => server.ask('POST', path, { body });
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];
  const request = async (kind: string, email: string, more: object = {}) => {
    secrets += 1;
    const body = { client_secret: `secret.${secrets}`, email, send_attempt: 1, ...more };
    const answer = await ask(`/v3/${kind}/email/requestToken`, body);
    return { ...answer, proof: { sid: answer.body.sid, client_secret: body.client_secret } as Proof };
  };
  const link = () => {
    const { pathname, search } = mail.received.at(-1)!.link;
    return pathname + search;
  };
  const click = async () => (await server.ask('POST', link())).status;
  const proven = async (kind: string, email: string) => {
    const { proof, status } = await request(kind, email);
    strictEqual(status, 200);
    strictEqual(await click(), 200);
    return proof;
  };
  const stage = (proof: Proof, session?: string) => ({
    type: 'm.login.email.identity',
    threepid_creds: proof,
    ...(session === undefined ? {} : { session }),
  });
  const confirmed = async (user: TestUser, path: string, body: object) => {
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: user.userId },
      password: TEST_PASSWORD,
    };
    return user.ask('POST', path, { ...body, auth });
  };
  const addresses = async (user: TestUser) =>
    (await user.ask('GET', '/v3/account/3pid')).body.threepids.map((one: { address: string }) => one.address);
  const withAddress = async (name: string) => {
    const user = await server.register(name);
    const proof = await proven('account/3pid', `${name}@example.org`);
    strictEqual((await confirmed(user, '/v3/account/3pid/add', proof)).status, 200);
    return user;
  };

  it('are asked for at registration, and proven by the link of a mail', async () => {
    const begun = await ask('/v3/register', { username: 'ann', password: 'x' });
    deepStrictEqual(begun.body.flows, [{ stages: ['m.login.dummy'] }, { stages: ['m.login.email.identity'] }]);
    const { session } = begun.body;
    const { proof } = await request('register', ' Ann@Example.ORG ', { next_link: 'https://app.example.org/?a=1&b=2' });
    const [received] = mail.received;
    deepStrictEqual([received?.from, received?.to], ['chat@test.example', ['ann@example.org']]);
    const body = { username: 'ann', password: 'x', auth: stage(proof, session) };
    deepStrictEqual(outcome(await ask('/v3/register', body)), [401, 'M_THREEPID_AUTH_FAILED']);

    const page = await server.ask('GET', link());
    strictEqual(page.status, 200);
    match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    match(page.body, /ann@example\.org.*<button>/s);
    deepStrictEqual(outcome(await ask('/v3/register', body)), [401, 'M_THREEPID_AUTH_FAILED']);

    const done = await server.ask('POST', link());
    match(done.body, /href="https:\/\/app\.example\.org\/\?a=1&#38;b=2"/);
    const registered = await ask('/v3/register', body);
    strictEqual(registered.body.user_id, '@ann:test.example');
    const token = { token: registered.body.access_token };
    const { threepids } = (await server.ask('GET', '/v3/account/3pid', token)).body;
    const at = server.clock.now();
    deepStrictEqual(threepids, [{ medium: 'email', address: 'ann@example.org', validated_at: at, added_at: at }]);
    const again = await request('register', 'ann@example.org');
    deepStrictEqual(outcome(again), [400, 'M_THREEPID_IN_USE']);
  });

  it('can be required', async () => {
    const strict = await startTestHomeserver({ email: mail.options, registration: { email: 'required' } });
    try {
      const begun = await strict.ask('POST', '/v3/register', { body: { username: 'ann', password: 'x' } });
      deepStrictEqual(begun.body.flows, [{ stages: ['m.login.email.identity'] }]);
    } finally {
      await strict.stop();
    }
  });

  it('give people who have forgotten their password a new one, once', async () => {
    const user = await withAddress('bob');
    deepStrictEqual(outcome(await request('account/password', 'nobody@example.org')), [400, 'M_THREEPID_NOT_FOUND']);
    const proof = await proven('account/password', 'bob@example.org');
    const change = (new_password: string, session?: string) =>
      ask('/v3/account/password', { new_password, auth: stage(proof, session) });
    strictEqual((await change('a new one')).status, 200);
    strictEqual((await user.ask('GET', '/v3/account/whoami')).status, 401);
    const login = (password: string) =>
      ask('/v3/login', {
        type: 'm.login.password',
        identifier: { type: 'm.id.thirdparty', medium: 'email', address: 'BOB@example.org' },
        password,
      });
    strictEqual((await login('a new one')).body.user_id, user.userId);
    deepStrictEqual(outcome(await login(TEST_PASSWORD)), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await change('another')), [401, 'M_THREEPID_AUTH_FAILED']);
    deepStrictEqual(outcome(await ask('/v3/account/password', { new_password: 'x' })), [401, undefined]);
  });

  it('are added with the password, taken away, and each is one account’s', async () => {
    const carol = await withAddress('carol');
    deepStrictEqual(await addresses(carol), ['carol@example.org']);
    const dave = await server.register('dave');
    const one = await proven('account/3pid', 'shared@example.org');
    const other = await proven('account/3pid', 'shared@example.org');
    strictEqual((await confirmed(carol, '/v3/account/3pid/add', one)).status, 200);
    deepStrictEqual(outcome(await confirmed(dave, '/v3/account/3pid/add', other)), [400, 'M_THREEPID_IN_USE']);
    deepStrictEqual(outcome(await confirmed(dave, '/v3/account/3pid/add', one)), [401, 'M_THREEPID_AUTH_FAILED']);
    strictEqual((await dave.ask('POST', '/v3/account/3pid/add', other)).status, 401);
    const gone = { medium: 'email', address: 'Shared@example.org' };
    await dave.ask('POST', '/v3/account/3pid/delete', gone);
    strictEqual((await addresses(carol)).length, 2);
    const answer = await carol.ask('POST', '/v3/account/3pid/delete', gone);
    deepStrictEqual(answer.body, { id_server_unbind_result: 'no-support' });
    deepStrictEqual(await addresses(carol), ['carol@example.org']);
    await confirmed(carol, '/v3/account/deactivate', {});
    strictEqual((await request('account/3pid', 'carol@example.org')).status, 200);
  });

  it('get one mail for each attempt, at most so many, and none that is not sent', async () => {
    const first = await request('register', 'eve@example.org');
    const same = { client_secret: first.proof.client_secret, send_attempt: 1 };
    strictEqual((await request('register', 'eve@example.org', same)).body.sid, first.body.sid);
    strictEqual(mail.received.length, 1);
    const old = link();
    strictEqual((await request('register', 'eve@example.org', { ...same, send_attempt: 2 })).body.sid, first.body.sid);
    strictEqual(mail.received.length, 2);
    strictEqual((await server.ask('POST', old)).status, 400);
    mail.isFull = true;
    const unsent = { ...same, send_attempt: 3 };
    deepStrictEqual(outcome(await request('register', 'eve@example.org', unsent)), [503, 'M_UNKNOWN']);
    mail.isFull = false;
    strictEqual((await request('register', 'eve@example.org', unsent)).status, 200);
    strictEqual(mail.received.length, 3);
  });

  it('have links that end, and that nobody can guess', async () => {
    const { proof } = await request('register', 'fay@example.org');
    strictEqual((await server.ask('POST', link().replace(/token=./, 'token=-'))).status, 400);
    strictEqual((await server.ask('GET', '/_igchat/email/confirm?sid=x&token=<script>')).status, 400);
    server.clock.advance(3_600_000);
    strictEqual((await server.ask('GET', link())).status, 400);
    strictEqual(await click(), 400);
    deepStrictEqual(outcome(await ask('/v3/register', { password: 'x', auth: stage(proof) })), [
      401,
      'M_THREEPID_AUTH_FAILED',
    ]);
  });

  it('are refused where they are none', async () => {
    for (const email of [
      '',
      'x',
      'a@b@c',
      'a@-b',
      'a b@c.d',
      'a@b,c@d',
      '"a"@b.c',
      `${'a'.repeat(65)}@b.c`,
      'a@b\r\nBcc: c@d',
    ]) {
      deepStrictEqual(outcome(await request('register', email)), [400, 'M_INVALID_PARAM'], email);
    }
    const next = { next_link: 'javascript:alert(1)' };
    deepStrictEqual(outcome(await request('register', 'a@b.c', next)), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(outcome(await request('register', 'a@b.c', { client_secret: 'ä' })), [400, 'M_INVALID_PARAM']);
    strictEqual(mail.received.length, 0);
  });

  it('are not offered where no mail can be sent', async () => {
    const plain = await startTestHomeserver();
    try {
      const body = { client_secret: 'x', email: 'a@b.c', send_attempt: 1 };
      const answer = await plain.ask('POST', '/v3/register/email/requestToken', { body });
      deepStrictEqual(outcome(answer), [400, 'M_THREEPID_MEDIUM_NOT_SUPPORTED']);
      const user = await plain.register('ann');
      const able = async (one: TestUser) =>
        (await one.ask('GET', '/v3/capabilities')).body.capabilities['m.3pid_changes'];
      deepStrictEqual(
        [await able(user), await able(await server.register('gus'))],
        [{ enabled: false }, { enabled: true }],
      );
    } finally {
      await plain.stop();
    }
  });

  it('are not published with identity servers, nor believed of them', async () => {
    const ann = await server.register('ann3pid');
    const session = { client_secret: 'x', sid: 'y', id_server: 'id.example.org', id_access_token: 'z' };
    const cases: [string, object, unknown[]][] = [
      ['bind', session, [400, 'M_SERVER_NOT_TRUSTED']],
      ['bind', {}, [400, 'M_MISSING_PARAM']],
      ['', { three_pid_creds: session }, [403, 'M_THREEPID_AUTH_FAILED']],
      ['msisdn/requestToken', { client_secret: 'x', country: 'GB', phone_number: '1', send_attempt: 1 }, phone],
    ];
    for (const [path, body, expected] of cases) {
      deepStrictEqual(
        outcome(await ann.ask('POST', `/v3/account/3pid/${path}`.replace(/\/$/, ''), body)),
        expected,
        path,
      );
    }
    const unbound = await ann.ask('POST', '/v3/account/3pid/unbind', { medium: 'email', address: 'a@b.c' });
    deepStrictEqual([unbound.status, unbound.body], [200, { id_server_unbind_result: 'no-support' }]);
    for (const path of ['register', 'account/password']) {
      const body = { client_secret: 'x', country: 'GB', phone_number: '1', send_attempt: 1 };
      deepStrictEqual(outcome(await server.ask('POST', `/v3/${path}/msisdn/requestToken`, { body })), phone);
    }
  });

  it('get their mail over TLS, with user and password', async function () {
    const ca = makeCa(this);
    const certificate = ca.issue('127.0.0.1');
    const logins: string[] = [];
    const safe = await startMailServer({
      ...certificate,
      onAuth: ({ username, password }, _session, done) => {
        logins.push(`${username}:${password}`);
        done(null, { user: username ?? '' });
      },
    });
    const email = { ...safe.options, smtp_security: 'starttls', smtp_user: 'chat', smtp_password: 'word' };
    const outgoing = { ca_files: [ca.file], public_cas: false };
    const secure = await startTestHomeserver({ email, outgoing });
    const distrusting = await startTestHomeserver({ email });
    try {
      const body = { client_secret: 'x', email: 'a@b.example', send_attempt: 1 };
      strictEqual((await secure.ask('POST', '/v3/register/email/requestToken', { body })).status, 200);
      deepStrictEqual([logins, safe.received.length], [['chat:word'], 1]);
      strictEqual((await distrusting.ask('POST', '/v3/register/email/requestToken', { body })).status, 503);
      ok(safe.received.length === 1);
    } finally {
      await secure.stop();
      await distrusting.stop();
      await safe.stop();
      ca.remove();
    }
  });
});
