import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver } from '../../support/test-homeserver.ts';

describe('The pages of stages', () => {
  let server: TestHomeserver;
  const term = (id: string, more: object = {}) => ({
    id,
    name: `The ${id}`,
    url: `https://example.org/${id}`,
    ...more,
  });

  before(async () => {
    const terms = [
      term('privacy'),
      term('privacy', { language: 'fr', name: 'La "vie" privée' }),
      term('rules', { version: '2' }),
    ];
    server = await startTestHomeserver({ registration: { mode: 'token', terms } });
  });
  after(() => server.stop());

  const register = (body: object) =>
    server.ask('POST', '/v3/register', { body: { username: 'ann', password: 'x', ...body } });
  const path = (type: string, session: string) =>
    `/v3/auth/${type}/fallback/web?session=${encodeURIComponent(session)}`;

  it('let people agree to the terms and show a token, for apps that do not know how', async () => {
    const begun = await register({});
    deepStrictEqual(begun.body.flows, [{ stages: ['m.login.terms', 'm.login.registration_token'] }]);
    deepStrictEqual(begun.body.params['m.login.terms'].policies, {
      privacy: {
        version: '1.0',
        en: { name: 'The privacy', url: 'https://example.org/privacy' },
        fr: { name: 'La "vie" privée', url: 'https://example.org/privacy' },
      },
      rules: { version: '2', en: { name: 'The rules', url: 'https://example.org/rules' } },
    });
    const { session } = begun.body;
    const terms = await server.ask('GET', path('m.login.terms', session));
    match(terms.body, /La &#34;vie&#34; privée/);
    match(terms.body, /name="viewport"/);
    const agreed = await server.ask('POST', path('m.login.terms', session), { body: '' });
    match(agreed.body, /onAuthDone/);
    match(agreed.headers.get('content-security-policy') ?? '', /script-src 'sha256-/);
    strictEqual((await server.ask('POST', path('m.login.terms', session), { body: '' })).status, 200);

    const { token } = await server.homeserver.services.registrationTokens.create({ usesAllowed: 1 });
    const wrong = await server.ask('POST', path('m.login.registration_token', session), { body: 'token=wrong' });
    match(wrong.body, /role="alert"/);
    strictEqual(wrong.status, 400);
    deepStrictEqual((await register({ auth: { session } })).body.completed, ['m.login.terms']);
    strictEqual(
      (await server.ask('POST', path('m.login.registration_token', session), { body: `token=${token}` })).status,
      200,
    );
    strictEqual((await register({ auth: { session } })).body.user_id, '@ann:test.example');
  });

  it('pass nothing for sessions that there are not, or stages without a page', async () => {
    strictEqual((await server.ask('POST', path('m.login.terms', 'unknown'), { body: '' })).status, 400);
    const { status, body } = await server.ask('GET', path('m.login.password', 'unknown'));
    deepStrictEqual([status, body.errcode], [404, 'M_NOT_FOUND']);
  });
});
