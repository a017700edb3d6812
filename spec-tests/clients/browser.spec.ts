import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import { chromium, needs } from '../support/needs.ts';
import { launchBrowser, openWindow, picture } from './support/browser.ts';
import { Cast, registerSession } from './support/cast.ts';
import type { Device, Session } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { type PageServer, packageFile, servePage } from './support/page-server.ts';
import { acceptInvite, reads, roomOf, say, seesMembers } from './support/rooms.ts';

const CRYPTO_WASM = 'pkg/matrix_sdk_crypto_wasm_bg.wasm';

describe('matrix-js-sdk in a browser', function () {
  this.timeout(60_000);
  const complaints: string[] = [];
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let bob: Session;
  let pages: PageServer;
  let browser: Browser;
  let page: Page;

  before(async function () {
    const executable = needs(this, chromium);
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice'), registerSession(homeserver, 'bob')]);
    pages = await servePage('chat', {
      [`/${CRYPTO_WASM}`]: packageFile('@matrix-org/matrix-sdk-crypto-wasm', CRYPTO_WASM),
    });
    browser = await launchBrowser(executable);
    page = await openWindow(browser, complaints);
    await page.goto(`${pages.origin}/chat.html`);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await picture(page, `failed: ${this.currentTest.title}`);
  });

  after(async () => {
    await browser?.close();
    await pages?.close();
    cast?.stop();
    await homeserver?.remove();
  });

  it('says that the password is wrong', async () => {
    await logIn('a guess');
    await page.locator('#problem', { hasText: 'M_FORBIDDEN' }).waitFor();
  });

  it('logs in from a page of another origin', async () => {
    await logIn(bob.password);
    await page.locator('#self', { hasText: bob.userId }).waitFor();
    assert.equal(await page.locator('#problem').textContent(), '');
  });

  it('talks with a client outside in a room that it has opened, encrypted', async () => {
    await page.fill('[name=guest]', alice.userId);
    await page.click('text=Open an encrypted room');
    await alice.until('is invited', () => alice.client.getRooms()[0]);
    const room = alice.client.getRooms()[0]?.roomId ?? '';
    await acceptInvite(alice, room);
    await seesMembers(alice, room, 2);
    assert.ok(roomOf(alice, room).hasEncryptionStateEvent());

    await say(alice, room, 'hello, page');
    await page.locator('#timeline li', { hasText: 'hello, page' }).waitFor();
    await page.fill('[name=text]', 'hello, Alice');
    await page.click('text=Send');
    const answer = await alice.until('reads the page', () =>
      roomOf(alice, room)
        .getLiveTimeline()
        .getEvents()
        .find((event) => event.getContent()['body'] === 'hello, Alice'),
    );
    assert.equal(answer.getSender(), bob.userId);
    assert.ok((await reads(alice, room, answer.getId() ?? '')).isEncrypted());
    await page.locator('#timeline li[data-sent=true]', { hasText: 'hello, Alice' }).waitFor();
    await picture(page, 'chat-page');
    assert.deepEqual(complaints, []);
  });

  it('goes on after the server was restarted', async () => {
    await homeserver.restart();
    await alice.reconnect();
    const room = alice.client.getRooms()[0]?.roomId ?? '';
    await say(alice, room, 'we are back');
    await page.locator('#timeline li', { hasText: 'we are back' }).waitFor();
  });

  async function logIn(password: string): Promise<void> {
    await page.fill('[name=homeserver]', homeserver.baseUrl);
    await page.fill('[name=user]', 'bob');
    await page.fill('[name=password]', password);
    await page.click('text=Log in');
  }
});
