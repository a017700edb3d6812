import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage, PHONE, picture, type VisitOptions } from '../../clients/support/browser.ts';
import { chromium, needs } from '../../support/needs.ts';
import { TEST_PASSWORD, type TestUser } from '../../support/test-homeserver.ts';
import { KAI, type LiveHomeserver, startLiveHomeserver } from '../end-to-end/live-homeserver.ts';

const BASE = 'http://test.example';
const EMBED = `${BASE}/_matrix/client/unstable/online.beamify/live/embed/kai`;

describe('the page of a live room for sites, with people on it', function () {
  this.timeout(60_000);
  const complaints: string[] = [];
  let live: LiveHomeserver;
  let browser: Browser;
  let zed: TestUser;
  let lea: TestUser;

  before(async function () {
    const executable = needs(this, chromium);
    live = await startLiveHomeserver();
    [zed, lea] = [await live.server.register('zed'), await live.server.register('lea')];
    const { host } = new URL(live.server.url);
    browser = await launchBrowser(executable, [`--host-resolver-rules=MAP test.example:80 ${host}`]);
  });
  afterEach(async function () {
    for (const context of browser?.contexts() ?? []) await context.close();
    assert.deepEqual(complaints.splice(0), [], this.currentTest?.title);
  });
  after(async () => {
    await browser?.close();
    await live?.stop();
  });

  const open = (options: VisitOptions = PHONE) => openPage(browser, EMBED, complaints, options);
  const line = (page: Page, text: string) => page.locator('#lines > li', { hasText: text });
  const done = async (user: TestUser, method: string, path: string, body?: object) => {
    const { status, body: answer } = await user.ask(method, path, body);
    assert.equal(status, 200, JSON.stringify(answer));
    live.server.clock.advance(300);
    return answer;
  };
  let said = 0;
  const say = async (user: TestUser, body: string, more: object = {}): Promise<string> => {
    live.server.clock.advance(1500);
    said += 1;
    return (await done(user, 'POST', `${KAI}/messages`, { txn: `t${said}`, body, ...more })).event_id;
  };
  const signIn = async (page: Page, name: string) => {
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#sign-in')]);
    await popup.locator('#go:not([disabled])').waitFor();
    await popup.fill('#user', name);
    await popup.fill('#password', TEST_PASSWORD);
    await popup.keyboard.press('Enter');
    await page.locator('#write').waitFor();
  };
  const write = async (page: Page, text: string) => {
    live.server.clock.advance(1500);
    await page.fill('#text', text);
    await page.keyboard.press('Enter');
  };

  /** The page with a gateway that says what it is told to. */
  const openScripted = async (role: string) => {
    let send: (frame: object) => void = () => undefined;
    const page = await open({
      ...PHONE,
      prepare: (visited) =>
        visited.routeWebSocket(/\/gateway$/, (socket) => {
          send = (frame) => socket.send(JSON.stringify(frame));
          socket.onMessage((text) => {
            if (JSON.parse(String(text)).op !== 'hello') return;
            send({ op: 'welcome', hb: 25_000 });
            send({ op: 'joined', r: 1, ch: 'kai', room: '!r', rec: false, you: { role, badges: [], can: true } });
            send({ op: 'snap', r: 1, epoch: 'e', seq: 0, st: Date.now(), ev: [], set: {} });
          });
        }),
    });
    return { page, send: (frame: object) => send(frame) };
  };

  it('lets moderators take out lines and people, and asks before what is for good', async () => {
    await say(zed, 'buy my things');
    await say(zed, 'buy more of my things');
    await say(lea, 'a nice word');
    const page = await open();
    await signIn(page, 'kai');
    await line(page, 'buy my things').click();
    await picture(page, 'live-embed-moderate');
    await page.click('.menu .act:text("Delete")');
    await line(page, 'buy my things').waitFor({ state: 'detached' });
    await line(page, 'buy more').click();
    await page.click('.menu .act:text("Time out")');
    await page.locator('#hint', { hasText: 'zed is timed out.' }).waitFor();
    live.server.clock.advance(300);
    await line(page, 'buy more').waitFor({ state: 'detached' });
    assert.equal((await zed.ask('GET', `${KAI}/me`)).body.why, 'timed_out');
    await line(page, 'a nice word').click();
    await page.click('.menu .act.grave');
    await page.locator('.menu .act.grave', { hasText: 'Ban lea for good?' }).waitFor();
    assert.notEqual((await lea.ask('GET', `${KAI}/me`)).body.why, 'banned');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.menu').count(), 0);
    await done(live.kai, 'DELETE', `${KAI}/timeouts/${encodeURIComponent(zed.userId)}`);
  });

  it('lets others answer and report, by the keyboard too, and quotes nothing that was taken out', async () => {
    const id = await say(lea, 'what is this game?');
    const page = await open();
    await signIn(page, 'zed');
    await line(page, 'what is this game?').waitFor();
    await page.focus('#lines');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    assert.deepEqual(await page.locator('.menu .act').allTextContents(), ['Reply', 'Report']);
    await page.keyboard.press('Enter');
    await page.locator('#answering', { hasText: 'Replying to lea' }).waitFor();
    await write(page, 'It is Celeste');
    await page.locator('.line .quote', { hasText: '↳ lea: what is this game?' }).waitFor();
    await picture(page, 'live-embed-reply');
    await done(live.kai, 'DELETE', `${KAI}/messages/${encodeURIComponent(id)}`);
    await page.locator('.quote').waitFor({ state: 'detached' });
    await line(page, 'It is Celeste').waitFor();
  });

  it('shows moderators what waits for them, and its writer what has become of it', async () => {
    await done(live.kai, 'PUT', `${KAI}/filters/terms`, { pattern: 'spoiler', action: 'hold' });
    const [mod, page] = [await open({ viewport: { width: 800, height: 380 } }), await open()];
    await Promise.all([signIn(mod, 'kai'), signIn(page, 'lea')]);
    await write(page, 'a spoiler: he lives');
    await page.locator('#hint', { hasText: 'waits for a moderator' }).waitFor();
    assert.equal(await page.inputValue('#text'), '');
    await mod.locator('#held', { hasText: 'he lives' }).waitFor();
    await picture(mod, 'live-embed-held-landscape');
    await mod.click('#held .act:text("Deny")');
    await page.locator('#hint', { hasText: 'has not let your message in' }).waitFor();
    await write(page, 'another spoiler: she too');
    await mod.locator('#held', { hasText: 'she too' }).waitFor();
    await mod.click('#held .act:text("Allow")');
    await line(page, 'she too').waitFor();
    await mod.locator('#held').waitFor({ state: 'hidden' });
  });

  it('says what a moderator warns of, how long a time-out takes, and takes an appeal', async () => {
    const page = await open();
    await signIn(page, 'lea');
    await done(live.kai, 'POST', `${KAI}/warnings`, { user: lea.userId, reason: 'No spoilers, please' });
    await page.locator('#hint', { hasText: 'No spoilers, please' }).waitFor();
    await page.click('#acknowledge');
    await page.locator('#text:not([disabled])').waitFor();
    await done(live.kai, 'POST', `${KAI}/timeouts`, { user: lea.userId, seconds: 300 });
    await page.locator('#wait', { hasText: /^(5:00|4:5\d) min$/ }).waitFor();
    await done(live.kai, 'POST', `${KAI}/bans`, { user: lea.userId });
    await page.locator('#hint', { hasText: 'banned' }).waitFor();
    await page.locator('#text[placeholder="Ask to be let in again"]').waitFor();
    await write(page, 'I am sorry');
    await page.locator('#hint', { hasText: 'will look at it' }).waitFor();
    const { body } = await live.kai.ask('GET', `${KAI}/unban_requests`);
    assert.equal(JSON.stringify(body).includes('I am sorry'), true);
    await done(live.kai, 'DELETE', `${KAI}/bans/${encodeURIComponent(lea.userId)}`);
    await page.locator('#text[placeholder="Say something"]').waitFor();
  });

  it('waits a moment for whoever is a little too fast', async () => {
    const page = await open();
    await signIn(page, 'zed');
    await write(page, 'quick');
    await line(page, 'quick').waitFor();
    await page.fill('#text', '/me is quicker');
    await page.keyboard.press('Enter');
    live.server.clock.advance(1000);
    await page.locator('.line.action', { hasText: 'is quicker' }).waitFor();
  });

  it('stands thousands of lines, and leaves whoever scrolls back where they are', async () => {
    let told = 0;
    const { page, send } = await openScripted('viewer');
    await page.locator('#write').waitFor();
    const tell = (lines: number) => {
      const ev = Array.from({ length: lines }, (_, n) => {
        const number = told + n + 1;
        return { k: 'm', id: `$${number}`, u: `@user${number % 50}:s`, tx: `line ${number} of very many` };
      });
      send({ op: 't', r: 1, p: told, q: told + lines, ev });
      told += lines;
    };
    for (let n = 0; n < 200; n++) tell(25);
    await line(page, 'line 5000 of').waitFor();
    assert.equal(await page.locator('#lines > li').count(), 200);
    assert.equal(await page.locator('#lines').getAttribute('aria-live'), 'off', 'nobody could listen to that');
    const first = await page.locator('#lines').evaluate((list) => {
      list.scrollTop = 500;
      list.dispatchEvent(new Event('scroll'));
      return list.firstElementChild?.textContent;
    });
    for (let n = 0; n < 4; n++) tell(10);
    await page.locator('#more', { hasText: '40 new messages' }).waitFor();
    assert.equal(await page.locator('#lines > li').first().textContent(), first, 'what is read stays');
    assert.equal(await page.locator('#lines').evaluate(({ scrollTop }) => scrollTop), 500);
    await picture(page, 'live-embed-scrolled');
    await page.click('#more');
    await page.locator('#more').waitFor({ state: 'hidden' });
    tell(1);
    await line(page, 'line 5041 of').waitFor();
    assert.equal(await page.locator('#lines > li').count(), 200);
  });

  it('shows moderators what viewers do not see, and what was reported', async () => {
    const { page, send } = await openScripted('moderator');
    await page.locator('#write').waitFor();
    send({ op: 't', r: 1, p: 0, q: 1, ev: [{ k: 'm', id: '$aaaaaaaaaa', u: '@zed:s', tx: 'seen by all' }] });
    send({ op: 'mt', r: 1, q: 1, ev: [{ s: 1, k: 'skipped', id: '$bbbbbbbbbb', u: '@lea:s', tx: 'not seen' }] });
    await page.locator('.line.unseen .name', { hasText: 'lea' }).waitFor();
    await line(page, 'seen by all').waitFor();
    send({ op: 'mt', r: 1, q: 2, ev: [{ s: 2, k: 'report', event_id: '$aaaaaaaaaa-and-more', by: '@ann:s' }] });
    await page.locator('.line.reported', { hasText: 'seen by all' }).waitFor();
    const delayed = { s: 3, k: 'delayed', hid: 'waiting1', user: '@lea:s', body: 'not yet seen' };
    send({ op: 'mt', r: 1, q: 3, ev: [{ ...delayed, state: 'pending', expires: Date.now() + 6000 }] });
    await line(page, 'not yet seen').click();
    assert.deepEqual(await page.locator('.menu .act').allTextContents(), ['Take out']);
    send({ op: 'mt', r: 1, q: 4, ev: [{ ...delayed, s: 4, state: 'shown' }] });
    await line(page, 'not yet seen').waitFor({ state: 'detached' });
    const answer = { k: 'm', id: '$cccccccccc', u: '@ann:s', tx: 'I agree', re: '$aaaaaaaaaa' };
    send({ op: 't', r: 1, p: 1, q: 3, ev: [{ k: 'ed', id: '$aaaaaaaaaa', u: '@zed:s', tx: 'changed since' }, answer] });
    await page.locator('.quote', { hasText: 'zed: changed since' }).waitFor();
    await picture(page, 'live-embed-lane');
  });

  it('reads in every direction and on small screens', async () => {
    await done(live.kai, 'POST', `${KAI}/clear`, {});
    const small = await open({ ...PHONE, viewport: { width: 320, height: 568 } });
    await small.locator('#sign-in').waitFor();
    await say(live.kai, 'ברוכים הבאים לשידור! GG');
    await say(zed, `a${'a'.repeat(200)}`);
    await say(live.kai, 'https://example.org/a/very/long/address/that/nobody/would/want/to/read/in/a/chat?really=true');
    await say(zed, 'مرحبا بالجميع 123');
    await say(live.kai, 'Zed says hello');
    await line(small, 'says hello').waitFor();
    await signIn(small, 'zed');
    await small.locator('#text:not([disabled])').waitFor();
    await picture(small, 'live-embed-small');
    assert.equal(await small.evaluate('document.documentElement.scrollWidth'), 320);
    assert.equal(await small.evaluate("document.querySelector('#lines').scrollWidth <= 320"), true);
    const hebrew = line(small, 'GG').locator('.text');
    assert.equal(await hebrew.getAttribute('dir'), 'auto');
  });
});
