import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, picture } from '../../clients/support/browser.ts';
import { chromium, needs } from '../../support/needs.ts';
import { providerOptions, startOpenIdProvider, type TestProvider } from '../../support/openid-provider.ts';
import { startTestHomeserver, TEST_PASSWORD, type TestHomeserver } from '../../support/test-homeserver.ts';

const PATH = '/_matrix/static/client/login/';
const BASE = 'http://test.example';

describe('The page on which people log in for an app', () => {
  let provider: TestProvider;
  let server: TestHomeserver;

  const start = async (login: object) => {
    server = await startTestHomeserver({ login: { ...login }, outgoing: { allow: ['127.0.0.0/8'] } });
  };
  const shown = async (query = '') => {
    const { status, headers, body } = await server.ask('GET', `${PATH}${query}`);
    strictEqual(status, 200);
    return { policy: headers.get('content-security-policy') ?? '', html: body as string };
  };

  before(async () => {
    provider = await startOpenIdProvider([`${BASE}/_igchat/sso/callback/example`]);
  });
  after(() => provider.stop());
  afterEach(() => server.stop());

  it('offers the ways that are configured, and what the app wants goes along', async () => {
    await start({ sso: [providerOptions(provider)] });
    const both = await shown('?device_id=A%26B&initial_device_display_name=%3Cb%3E&refresh_token=true&access_token=x');
    match(both.html, /type="password"/);
    match(both.html, /name="viewport"/);
    const link = /href="([^"]*)">Continue with Example &#38; Co/.exec(both.html)?.[1]?.replaceAll('&#38;', '&') ?? '';
    const back = new URL(new URL(link).searchParams.get('redirectUrl') ?? '');
    strictEqual(back.origin + back.pathname, BASE + PATH);
    const wishes = { device_id: 'A&B', initial_device_display_name: '<b>', refresh_token: 'true' };
    deepStrictEqual(Object.fromEntries(back.searchParams), wishes);
    match(both.policy, /default-src 'none'.*frame-ancestors 'none'; script-src 'sha256-[\w+/=]+'; connect-src 'self'/);
  });

  it('says so where there is no way that it could offer', async () => {
    await start({ password: false });
    const { html } = await shown();
    match(html, /no way to log in here/);
    strictEqual(html.includes('<form'), false);
  });

  describe('in a browser', function () {
    this.timeout(30_000);
    let browser: Browser;
    let executable: string;
    const complaints: string[] = [];

    /** Opens it as an app does, which puts its function in when the page is loaded. */
    const open = async (query = ''): Promise<Page> => {
      const { port } = new URL(server.url);
      browser = await launchBrowser(executable, [`--host-resolver-rules=MAP test.example 127.0.0.1:${port}`]);
      const page = await browser.newPage({ viewport: { width: 390, height: 760 } });
      page.setDefaultTimeout(10_000);
      page.on('console', (line) => complaints.push(line.text()));
      await page.goto(`${BASE}${PATH}${query}`);
      return page;
    };
    const TOLD = `window.matrixLogin.onLogin = (response) => {
      window.told = response;
      const frame = document.createElement('iframe');
      frame.setAttribute('src', 'js:' + JSON.stringify({ action: 'onLogin' }));
      document.documentElement.appendChild(frame);
    }`;
    const told = async (page: Page) => {
      await page.locator('#done', { hasText: 'You are logged in' }).waitFor();
      return (await page.evaluate('window.told')) as { user_id: string; access_token: string; device_id: string };
    };

    before(function () {
      executable = needs(this, chromium);
    });
    afterEach(() => browser?.close());

    it('logs in with the keyboard, after a wrong password too, and tells the app what was answered', async () => {
      await start({});
      const alice = await server.register('alice');
      const page = await open('?device_id=PHONE&initial_device_display_name=Old%20app&refresh_token=true');
      await page.evaluate(TOLD);
      await page.keyboard.type('alice');
      await page.keyboard.press('Tab');
      await page.keyboard.type('a guess');
      await page.keyboard.press('Enter');
      await page.locator('#problem', { hasText: /password/i }).waitFor();
      await picture(page, 'login-page');
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type(TEST_PASSWORD);
      await page.keyboard.press('Enter');
      const response = await told(page);
      deepStrictEqual([response.user_id, response.device_id], [alice.userId, 'PHONE']);
      strictEqual('refresh_token' in response, true);
      const { body } = await server.ask('GET', '/v3/devices/PHONE', { token: response.access_token });
      strictEqual(body.display_name, 'Old app');
      strictEqual(await page.locator('#password-form').isVisible(), false);
      deepStrictEqual(
        complaints.splice(0).filter((text) => text.includes('Content Security Policy')),
        [],
      );
    });

    it('logs in with a provider without a question, and tells apps that come late', async () => {
      // It comes back with a form of another site, with which the browser sends no cookie.
      await start({ sso: [{ ...providerOptions(provider), response_mode: 'form_post' }], password: false });
      provider.person = { sub: '1', preferred_username: 'alice' };
      const page = await open('?device_id=PHONE');
      await page.click('text=Continue with Example & Co');
      await page.locator('#done', { hasText: 'You are logged in' }).waitFor();
      await page.evaluate(TOLD);
      const response = await told(page);
      deepStrictEqual([response.user_id, response.device_id], ['@alice:test.example', 'PHONE']);
      strictEqual(page.url(), `${BASE}${PATH}?device_id=PHONE`);
      await page.goto(`${BASE}${PATH}?loginToken=useless`);
      await page.locator('#problem', { hasText: /./ }).waitFor();
      await page.locator('text=Continue with Example & Co').waitFor();
    });
  });
});
