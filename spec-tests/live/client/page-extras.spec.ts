import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { launchBrowser, openPage, PHONE, picture, STREAM, type VisitOptions } from '../../clients/support/browser.ts';
import { chromium, needs } from '../../support/needs.ts';
import { providerOptions, startOpenIdProvider, type TestProvider } from '../../support/openid-provider.ts';
import { TEST_PASSWORD, type TestUser } from '../../support/test-homeserver.ts';
import { KAI, LIVE, type LiveHomeserver, startLiveHomeserver } from '../end-to-end/live-homeserver.ts';

const BASE = 'http://test.example';

describe('the pages of live rooms, around the chat', function () {
  this.timeout(60_000);
  const complaints: string[] = [];
  let live: LiveHomeserver;
  let provider: TestProvider;
  let browser: Browser;
  let zed: TestUser;

  before(async function () {
    const executable = needs(this, chromium);
    provider = await startOpenIdProvider([`${BASE}/_igchat/sso/callback/example`]);
    live = await startLiveHomeserver({
      login: { sso: [providerOptions(provider)] },
      outgoing: { allow: ['127.0.0.0/8'] },
    });
    zed = await live.server.register('zed');
    const { host } = new URL(live.server.url);
    browser = await launchBrowser(executable, [`--host-resolver-rules=MAP test.example:80 ${host}`]);
  });
  afterEach(function () {
    assert.deepEqual(complaints.splice(0), [], this.currentTest?.title);
  });
  after(async () => {
    await browser?.close();
    await live?.stop();
    await provider?.stop();
  });

  /** The pages let no text be run as a script by itself. */
  const isSo = async (page: Page, expression: string) => {
    while (!(await page.evaluate(expression))) await page.waitForTimeout(20);
  };
  const open = async (path: string, options?: VisitOptions): Promise<Page> => {
    const page = await openPage(browser, `${BASE}/_matrix/client${LIVE}${path}`, complaints, options);
    await isSo(page, "document.querySelector('#state')?.textContent !== 'Connecting…'");
    return page;
  };
  const done = async (user: TestUser, method: string, path: string, body?: object) => {
    const { status, body: answer } = await user.ask(method, path, body);
    assert.equal(status, 200, JSON.stringify(answer));
    // What is urgent is told four times a second at most.
    live.server.clock.advance(300);
    return answer;
  };
  let said = 0;
  const say = async (user: TestUser, body: string): Promise<string> => {
    live.server.clock.advance(1500);
    said += 1;
    return (await done(user, 'POST', `${KAI}/messages`, { txn: `t${said}`, body })).event_id;
  };
  const signIn = async (page: Page) => {
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#sign-in')]);
    await popup.locator('#go:not([disabled])').waitFor();
    await popup.fill('#user', 'zed');
    await popup.fill('#password', TEST_PASSWORD);
    await popup.keyboard.press('Enter');
    await page.locator('#text:not([disabled])').waitFor();
  };
  const onStream = (page: Page) =>
    page.evaluate("document.documentElement.style.background = 'linear-gradient(120deg, #274, #d96 60%, #eef)'");

  it('show emotes as pictures of this server, and offer them', async () => {
    const png = await sharp({ create: { width: 128, height: 128, channels: 4, background: '#f80' } })
      .png()
      .toBuffer();
    const uploaded = await fetch(`${live.server.url}/_matrix/media/v3/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${live.kai.accessToken}`, 'content-type': 'image/png' },
      body: new Uint8Array(png),
    });
    const { content_uri: url } = (await uploaded.json()) as { content_uri: string };
    await done(live.kai, 'PUT', `/v3/rooms/${live.roomId}/state/im.ponies.room_emotes/`, { images: { hype: { url } } });
    await say(zed, 'what a run :hype: 😀 :hype:');
    const page = await open('/embed/kai', PHONE);
    const line = page.locator('#lines li', { hasText: 'what a run' });
    await line.waitFor();
    await isSo(page, "[...document.querySelectorAll('.line .emote')].every((one) => one.naturalWidth > 0)");
    assert.equal(await line.locator('.emote').count(), 2);
    await signIn(page);
    await page.click('#emotes');
    await page.locator('.choice .emote').click();
    assert.equal(await page.inputValue('#text'), ':hype: ');
    await page.locator('.choice').nth(1).focus();
    await picture(page, 'live-embed-emotes');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate('document.activeElement.id'), 'emotes');
    const other = await fetch(`${live.server.url}/_matrix/client${KAI}/media/test.example/AAAAAAAAAAAAAAAA`);
    assert.equal(other.status, 404);
    const overlay = await open('/overlay/kai', STREAM);
    await isSo(overlay, "document.querySelector('.line .emote')?.naturalWidth > 0");
  });

  it('show a poll with bars, and have people vote in it by the keyboard', async () => {
    const [page, overlay] = [await open('/embed/kai', PHONE), await open('/overlay/kai', STREAM)];
    const poll = { question: 'What do we play next?', answers: ['Celeste', 'Hollow Knight', 'Factorio'], seconds: 60 };
    const { poll_id } = await done(live.kai, 'POST', `${KAI}/polls`, poll);
    await page.locator('.poll-note', { hasText: 'Sign in to vote' }).waitFor();
    assert.ok(await page.locator('.answer').first().isDisabled());
    await signIn(page);
    await page.locator('.answer', { hasText: 'Hollow' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.answer[aria-pressed=true]', { hasText: 'Hollow' }).waitFor();
    await done(live.kai, 'PUT', `${KAI}/polls/${encodeURIComponent(poll_id)}/vote`, { answer: 0 });
    live.server.clock.advance(1000);
    for (const each of [page, overlay]) await each.locator('.answer', { hasText: '50 %' }).nth(1).waitFor();
    await page.locator('.poll-note', { hasText: '2 votes' }).waitFor();
    await onStream(overlay);
    await picture(page, 'live-embed-poll');
    await picture(overlay, 'live-overlay-poll');
    const late = await open('/embed/kai', { ...PHONE, colorScheme: 'dark' });
    await late.locator('.answer', { hasText: '50 %' }).nth(1).waitFor();
    await done(live.kai, 'POST', `${KAI}/polls/${encodeURIComponent(poll_id)}/end`, {});
    for (const each of [page, overlay, late]) await each.locator('.poll-note', { hasText: 'final result' }).waitFor();
    await picture(late, 'live-embed-poll-over');
    await done(live.kai, 'POST', `${KAI}/polls`, { ...poll, question: 'And after that?' });
    await late.locator('#poll:not(.over) .question', { hasText: 'And after that?' }).waitFor();
  });

  it('show what is pinned until it is taken out, also to those who come later', async () => {
    const id = await say(live.kai, 'The rules: be kind, and no spoilers');
    for (let n = 0; n < 3; n++) await say(zed, `line ${n}`);
    const early = await open('/embed/kai', PHONE);
    await early.locator('#lines li', { hasText: 'The rules' }).waitFor();
    await done(live.kai, 'PUT', `${KAI}/pin`, { event_id: id, seconds: 600 });
    await early.locator('#pin', { hasText: 'The rules' }).waitFor();
    await done(live.kai, 'POST', `${KAI}/clear`, {});
    const late = await open('/embed/kai', PHONE);
    await late.locator('#pin', { hasText: 'The rules' }).waitFor();
    await late.click('#pin .close');
    await late.locator('#pin').waitFor({ state: 'hidden' });
    await done(live.kai, 'DELETE', `${KAI}/messages/${encodeURIComponent(id)}`);
    await early.locator('#pin').waitFor({ state: 'hidden' });
    assert.deepEqual((await live.server.ask('GET', `${KAI}/pin`)).body, {});
  });

  it('say what moderators announce and administrators have to say', async () => {
    const { accounts } = live.server.homeserver.services;
    await accounts.create({ username: 'root', password: TEST_PASSWORD, isAdmin: true });
    const root = await live.server.login('root');
    const [page, overlay] = [await open('/embed/kai', PHONE), await open('/overlay/kai', STREAM)];
    await done(live.kai, 'POST', `${KAI}/announcements`, { body: 'Break for ten minutes', color: 'purple' });
    const line = page.locator('.line.notice[data-color=purple]', { hasText: 'Break' });
    await line.waitFor();
    await overlay.locator('.line.notice', { hasText: 'Break' }).waitFor();
    const url = 'https://status.example.org/';
    await done(root, 'POST', `${LIVE}/system`, { level: 'warning', text: 'Maintenance at noon', url, txn: '1' });
    await page.locator('#system', { hasText: 'Maintenance at noon' }).waitFor();
    assert.equal(await page.locator('#system a').getAttribute('href'), url);
    await picture(page, 'live-embed-notices');
    await page.click('#system .close');
    await page.locator('#system').waitFor({ state: 'hidden' });
    assert.equal(await overlay.locator('#system').count(), 0, 'a stream shows nothing of the kind');
  });

  it('take viewers along on a raid, and leave those who want to stay', async () => {
    await live.kai.ask('POST', `${LIVE}/channels`, { handle: 'lea', name: 'Lea' });
    const [goes, stays] = [await open('/embed/kai?theme=dark', PHONE), await open('/embed/kai', PHONE)];
    const overlay = await open('/overlay/kai', STREAM);
    await goes.clock.install();
    await done(live.kai, 'POST', `${KAI}/raid`, { to: 'lea' });
    for (const page of [goes, stays, overlay])
      await page.locator('#raid', { hasText: /Raid to Lea in \d+ s/ }).waitFor();
    await onStream(overlay);
    await picture(overlay, 'live-overlay-raid');
    await picture(stays, 'live-embed-raid');
    await stays.click('.stay');
    assert.equal(await overlay.locator('.stay').count(), 0);
    await done(live.kai, 'DELETE', `${KAI}/raid`);
    for (const page of [stays, overlay]) await page.locator('#raid').waitFor({ state: 'hidden' });
    await done(live.kai, 'POST', `${KAI}/raid`, { to: 'lea' });
    await goes.locator('#raid', { hasText: /Raid to Lea/ }).waitFor();
    await Promise.all([goes.waitForURL(/\/embed\/lea\?theme=dark/), goes.clock.runFor(101_000)]);
    // The server's clock stood still meanwhile, so that the page has looked for another way to it.
    complaints.splice(0);
  });

  it('open for the key of an overlay where the channel is not for everybody, until it is taken back', async () => {
    await done(live.kai, 'PUT', `${KAI}/session`, { viewers: 'signed_in' });
    const { key } = await done(live.kai, 'POST', `${KAI}/overlay_keys`);
    const overlay = await open(`/overlay/kai#key=${key}`, STREAM);
    await say(zed, '!a command');
    await say(zed, 'for the stream');
    await overlay.locator('#lines li', { hasText: 'for the stream' }).waitFor();
    assert.equal(await overlay.locator('#lines li', { hasText: 'command' }).count(), 0);
    await overlay.reload();
    await overlay.locator('#lines li', { hasText: 'for the stream' }).waitFor();
    assert.equal(await overlay.locator('#lines li', { hasText: 'command' }).count(), 0);
    const closed = new Promise((resolve) => overlay.on('websocket', (socket) => socket.on('close', resolve)));
    await overlay.reload();
    await overlay.locator('#lines li', { hasText: 'for the stream' }).waitFor();
    await done(live.kai, 'DELETE', `${KAI}/overlay_keys`);
    await closed;
    const page = await open('/embed/kai', PHONE);
    await page.locator('#sign-in').waitFor();
    await signIn(page);
    await page.locator('#lines li', { hasText: 'for the stream' }).waitFor();
    await done(live.kai, 'PUT', `${KAI}/session`, { viewers: 'anyone' });
    complaints.splice(0);
  });

  it('let people read and chat where no WebSocket gets through, and load what that takes nowhere else', async () => {
    const loaded: string[] = [];
    const note = (page: Page) => page.on('request', (request) => loaded.push(request.url()));
    const isLoaded = (file: string) => loaded.some((url) => url.endsWith(`/page/${file}`));
    await open('/embed/kai', { ...PHONE, prepare: note });
    assert.deepEqual([isLoaded('live-client.js'), isLoaded('fallback.js')], [true, false]);
    const named = await (await fetch(`${live.server.url}/_matrix/client${LIVE}/embed/kai`)).text();
    const preloaded = [...named.matchAll(/"modulepreload" href="\.\.\/page\/([^"]+)"/g)].map(([, file]) => file);
    assert.deepEqual([preloaded.includes('socket-line.js'), preloaded.includes('fallback.js')], [true, false]);
    const page = await open('/embed/kai', {
      ...PHONE,
      prepare: async (blocked) => {
        note(blocked);
        await blocked.routeWebSocket(/\/gateway$/, (socket) => void socket.close({ code: 3000, reason: 'blocked' }));
      },
    });
    await signIn(page);
    assert.ok(isLoaded('fallback.js'));
    live.server.clock.advance(1500);
    await page.fill('#text', 'by another way');
    await page.keyboard.press('Enter');
    await page.locator('#lines li', { hasText: 'by another way' }).waitFor();
  });

  it('let people sign in with those who vouch for them', async () => {
    provider.person = { sub: 'ann', preferred_username: 'ann', name: 'Ann' };
    const page = await open('/embed/kai', PHONE);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#sign-in')]);
    await popup.locator('.provider', { hasText: 'Continue with Example & Co' }).waitFor();
    await picture(popup, 'live-sign-in-providers');
    await popup.click('.provider');
    await popup
      .getByRole('link', { name: /continue/i })
      .or(popup.getByRole('button', { name: /continue/i }))
      .first()
      .click();
    await page.locator('#text:not([disabled])').waitFor();
    live.server.clock.advance(2000);
    await page.fill('#text', 'hello from Ann');
    await page.keyboard.press('Enter');
    await page.locator('#lines li', { hasText: 'hello from Ann' }).waitFor();
  });
});
