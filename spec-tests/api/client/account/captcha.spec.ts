import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import type { Options } from '../../../support/engines.ts';
import { type Peer, startPeer } from '../../../support/peer.ts';
import { startTestHomeserver, type TestHomeserver } from '../../../support/test-homeserver.ts';

describe('A captcha at registration', () => {
  let service: Peer;
  let sent: string;
  let verdict: { status: number; body: string };
  let server: TestHomeserver;

  before(async () => {
    service = await startPeer(async (request, response) => {
      sent = await text(request);
      response.writeHead(verdict.status).end(verdict.body);
    });
  });
  after(() => service.close());
  afterEach(() => server.stop());

  const start = async (captcha: Options = {}, registration: Options = {}) => {
    verdict = { status: 200, body: '{"success":true}' };
    const verify_url = `http://127.0.0.1:${service.port}/siteverify`;
    server = await startTestHomeserver({
      captcha: { site_key: 'public', secret: 'private', verify_url, ...captcha },
      registration,
      outgoing: { allow: ['127.0.0.0/8'] },
    });
  };
  const register = (auth?: object) =>
    server.ask('POST', '/v3/register', {
      body: { username: 'ann', password: 'x', ...(auth === undefined ? {} : { auth }) },
    });

  it('is asked, and its answer is checked by the service', async () => {
    await start();
    const begun = await register();
    deepStrictEqual(begun.body.flows, [{ stages: ['m.login.recaptcha'] }]);
    deepStrictEqual(begun.body.params, { 'm.login.recaptcha': { public_key: 'public' } });
    const { session } = begun.body;
    const answer = (response?: string) => register({ type: 'm.login.recaptcha', session, response });
    deepStrictEqual((await answer()).body.errcode, 'M_MISSING_PARAM');
    verdict = { status: 200, body: '{"success":false,"error-codes":["invalid-input-response"]}' };
    deepStrictEqual((await answer('wrong')).body.errcode, 'M_FORBIDDEN');
    for (const away of [
      { status: 500, body: '{"success":true}' },
      { status: 200, body: 'no JSON' },
    ]) {
      verdict = away;
      strictEqual((await answer('right')).status, 401);
    }
    verdict = { status: 200, body: '{"success":true}' };
    const done = await answer('right');
    deepStrictEqual([done.status, done.body.user_id], [200, '@ann:test.example']);
    const request = service.requests.at(-1);
    deepStrictEqual([request?.method, request?.target], ['POST', '/siteverify']);
    deepStrictEqual(Object.fromEntries(new URLSearchParams(sent)), {
      secret: 'private',
      response: 'right',
      sitekey: 'public',
    });
  });

  it('comes before the other stages', async () => {
    const terms = [{ id: 'rules', name: 'Rules', url: 'https://example.org/rules' }];
    await start({}, { mode: 'token', terms });
    deepStrictEqual((await register()).body.flows, [
      { stages: ['m.login.recaptcha', 'm.login.terms', 'm.login.registration_token'] },
    ]);
  });

  for (const [kind, widget, field] of [
    ['recaptcha', 'g-recaptcha', 'g-recaptcha-response'],
    ['hcaptcha', 'h-captcha', 'h-captcha-response'],
  ] as const) {
    it(`has a page, for apps that do not know it (${kind})`, async () => {
      await start({ service: kind, script_url: 'https://captcha.example.org/api.js' });
      const { session } = (await register()).body;
      const path = `/v3/auth/m.login.recaptcha/fallback/web?session=${session}`;
      const page = await server.ask('GET', path);
      match(page.body, new RegExp(`<div class="${widget}" data-sitekey="public">`));
      match(page.body, /<script src="https:\/\/captcha\.example\.org\/api\.js"/);
      match(page.headers.get('content-security-policy') ?? '', /script-src [^;]*https:\/\/captcha\.example\.org;/);
      verdict = { status: 200, body: '{"success":false}' };
      strictEqual((await server.ask('POST', path, { body: `${field}=wrong` })).status, 400);
      verdict = { status: 200, body: '{"success":true}' };
      match((await server.ask('POST', path, { body: `${field}=right` })).body, /onAuthDone/);
      strictEqual((await register({ session })).body.user_id, '@ann:test.example');
    });
  }
});
