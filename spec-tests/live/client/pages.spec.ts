import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { launchBrowser, openPage, PHONE, picture, STREAM, type VisitOptions } from '../../clients/support/browser.ts';
import { registerSession } from '../../clients/support/cast.ts';
import type { Session } from '../../clients/support/device.ts';
import { type Homeserver, launchHomeserver } from '../../clients/support/launch.ts';
import { chromium, needs } from '../../support/needs.ts';
import { type Peer, startPeer } from '../../support/peer.ts';

const LIVE = '/_matrix/client/unstable/online.beamify/live';

describe('the pages of live rooms in a browser', function () {
  this.timeout(60_000);
  const complaints: string[] = [];
  let homeserver: Homeserver;
  let browser: Browser;
  let site: Peer;
  let kai: Session;
  let zed: Session;
  let lea: Session;
  let channel: string;
  let transactions = 0;

  const ask = async (session: Session, method: string, path: string, body?: JsonObject): Promise<JsonObject> => {
    const answer = await fetch(`${homeserver.baseUrl}${LIVE}${path}`, {
      method,
      headers: { authorization: `Bearer ${session.accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as JsonObject;
    assert.equal(answer.status, 200, JSON.stringify(json));
    return json;
  };
  const say = async (session: Session, body: string): Promise<string> => {
    transactions += 1;
    return String(
      (await ask(session, 'POST', `/channels/${channel}/messages`, { txn: `t${transactions}`, body }))['event_id'],
    );
  };
  const open = (path: string, options?: VisitOptions): Promise<Page> =>
    openPage(browser, path.startsWith('http') ? path : `${homeserver.baseUrl}${LIVE}${path}`, complaints, options);
  const line = (page: Page, text: string) => page.locator('#lines li', { hasText: text });

  before(async function () {
    const executable = needs(this, chromium);
    homeserver = await launchHomeserver();
    [kai, zed, lea] = (await Promise.all(
      (['kai', 'zed', 'lea'] as const).map((name) => registerSession(homeserver, name)),
    )) as [Session, Session, Session];
    const made = await ask(kai, 'POST', '/channels', { name: 'Kai', title: 'Speedrun Sunday' });
    channel = String(made['id'] ?? made['channel']);
    site = await startPeer((_request, response) => {
      const frame = `<iframe src="${homeserver.baseUrl}${LIVE}/embed/${channel}" width="380" height="600"></iframe>`;
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><body>${frame}</body>`);
    });
    await ask(kai, 'PUT', `/channels/${channel}/session`, {
      status: 'live',
      embed: { origins: [`http://127.0.0.1:${site.port}`, "https://evil.test; script-src 'unsafe-inline'"] },
    });
    browser = await launchBrowser(executable);
  });
  afterEach(async function () {
    for (const context of browser?.contexts() ?? []) await context.close();
    assert.deepEqual(complaints.splice(0), [], this.currentTest?.title);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await homeserver?.remove();
  });

  it('show the chat to anybody, as text, and take out what is deleted', async () => {
    await say(kai, 'Welcome to the run!');
    const page = await open(`/embed/${channel}`, PHONE);
    await line(page, 'Welcome to the run!').waitFor();
    assert.equal(await page.locator('#title').textContent(), 'Speedrun Sunday');
    await page.locator('#status', { hasText: 'LIVE' }).waitFor();
    const id = await say(zed, '<img src=x onerror=alert(1)> gg & <b>wp</b>');
    await line(page, '<img src=x onerror=alert(1)> gg & <b>wp</b>').waitFor();
    assert.equal(await page.locator('#lines img').count(), 0);
    assert.equal(await line(page, 'Welcome').locator('.badge.streamer').getAttribute('aria-label'), 'Streamer');
    await ask(kai, 'DELETE', `/channels/${channel}/messages/${encodeURIComponent(id)}`);
    await line(page, 'gg & ').waitFor({ state: 'detached' });
    await page.locator('#sign-in').waitFor();
    await picture(page, 'live-embed-phone-light');
  });

  it('let people sign in in a window of the server, and chat', async () => {
    const page = await open(`/embed/${channel}`, { ...PHONE, colorScheme: 'dark' });
    await line(page, 'Welcome').waitFor();
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#sign-in')]);
    await popup.locator('#go:not([disabled])').waitFor();
    await popup.fill('#user', 'zed');
    await popup.fill('#password', 'a guess');
    await popup.keyboard.press('Enter');
    await popup.locator('#problem', { hasText: /password/i }).waitFor();
    await picture(popup, 'live-sign-in');
    complaints.splice(0);
    await popup.fill('#password', zed.password);
    await popup.keyboard.press('Enter');
    await page.locator('#write').waitFor();
    await page.locator('#text:not([disabled])').waitFor();
    await page.fill('#text', 'hello from the page');
    await page.keyboard.press('Enter');
    await line(page, 'hello from the page').waitFor();
    await page.fill('#text', 'and at once again');
    await page.keyboard.press('Enter');
    await line(page, 'and at once again').waitFor();
    await picture(page, 'live-embed-phone-dark');
    assert.equal(await page.evaluate('localStorage.length'), 1, 'a name of the device and no token');
  });

  it('can be used with the keyboard, and keep still for whoever wants that', async () => {
    const page = await open(`/embed/${channel}`, { ...PHONE, reducedMotion: 'reduce' });
    await line(page, 'Welcome').waitFor();
    await page.locator('#sign-in').waitFor();
    const seen = new Set<string>();
    for (let n = 0; n < 12; n++) {
      await page.keyboard.press('Tab');
      seen.add(String(await page.evaluate('document.activeElement.id || document.activeElement.className')));
    }
    for (const id of ['lines', 'reaction', 'sign-in']) assert.ok(seen.has(id), `${id} is reached`);
    await page.locator('.reaction').first().click();
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.line')).animationName"), 'none');
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('#sky')).display"), 'none');
  });

  it('are framed by the sites that the channel names, and by no others', async () => {
    const allowed = await open(`http://127.0.0.1:${site.port}/`);
    await allowed.frameLocator('iframe').locator('#lines li', { hasText: 'Welcome' }).waitFor();
    const other = await open(`http://localhost:${site.port}/`);
    while (complaints.length === 0) await other.waitForTimeout(20);
    assert.match(complaints.splice(0).join(), /frame-ancestors/);
    const policy = (await fetch(`${homeserver.baseUrl}${LIVE}/embed/${channel}`)).headers.get(
      'content-security-policy',
    );
    assert.doesNotMatch(policy ?? '', /evil|unsafe/);
  });

  it('show the chat over a stream, with nothing behind it, and no more lines than wanted', async () => {
    const page = await open(`/overlay/${channel}?lines=4&size=28`, STREAM);
    await line(page, 'hello from the page').waitFor();
    // One message a second is what the server takes of each of them.
    for (const [n, session] of [kai, zed, lea].entries()) await say(session, `line ${n} on the stream`);
    await line(page, 'line 2 on the stream').waitFor();
    assert.ok((await page.locator('#lines li').count()) <= 4);
    assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgba(0, 0, 0, 0)');
    await page.evaluate("document.documentElement.style.background = 'linear-gradient(120deg, #274, #d96 60%, #eef)'");
    await picture(page, 'live-overlay');
    const boxed = await open(`/overlay/${channel}?style=box&align=right`, STREAM);
    await line(boxed, 'line 2 on the stream').waitFor();
    await boxed.evaluate("document.documentElement.style.background = 'linear-gradient(120deg, #274, #d96 60%, #eef)'");
    await picture(boxed, 'live-overlay-boxed');
  });

  it('have no credential in any address', async () => {
    const page = await open(`/overlay/${channel}#key=ovk_secret`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('websocket', (socket) => asked.push(socket.url()));
    await Promise.all([page.waitForEvent('websocket'), page.reload()]);
    assert.ok(asked.some((url) => url.includes('/gateway')));
    assert.deepEqual(
      asked.filter((url) => url.split('#')[0]!.includes('ovk_secret')),
      [],
    );
    complaints.splice(0);
  });
});
