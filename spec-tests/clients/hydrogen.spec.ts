import { strict as assert } from 'node:assert';
import type { Browser, Page } from 'playwright-core';
import { chromium, needs } from '../support/needs.ts';
import { launchBrowser, openWindow, picture } from './support/browser.ts';
import { Cast, registerSession } from './support/cast.ts';
import type { Device, Session } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { type PageServer, packageFile, servePage } from './support/page-server.ts';
import { openRoom, roomOf, say, seesMembers } from './support/rooms.ts';

/** What Hydrogen loads at run time. */
const ASSETS = {
  '/main.js': packageFile('hydrogen-view-sdk', 'asset-build/assets/main.js'),
  '/sw.js': packageFile('hydrogen-view-sdk', 'lib-build/sw.js'),
  '/download-sandbox.html': packageFile('hydrogen-view-sdk', 'asset-build/assets/download-sandbox.html'),
  '/theme-element-light.css': packageFile('hydrogen-view-sdk', 'asset-build/assets/theme-element-light.css'),
  '/olm.js': packageFile('@matrix-org/olm', 'olm.js'),
  '/olm_legacy.js': packageFile('@matrix-org/olm', 'olm_legacy.js'),
  '/olm.wasm': packageFile('@matrix-org/olm', 'olm.wasm'),
};

describe('Hydrogen in a browser', function () {
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
    pages = await servePage('hydrogen', ASSETS);
    browser = await launchBrowser(executable);
    page = await openWindow(browser, complaints);
    await page.goto(`${pages.origin}/hydrogen.html?homeserver=${homeserver.baseUrl}#/login`);
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

  it('finds the homeserver and logs in', async () => {
    await page.fill('#username', 'bob');
    await page.fill('#password', bob.password);
    await picture(page, 'hydrogen-login');
    await page.click('text=Log In');
    await page.locator('.SessionView').waitFor();
  });

  it('accepts an invitation and reads a message', async () => {
    const { room_id: room } = await alice.client.createRoom({ name: 'In the open', invite: [bob.userId] });
    await page.locator('.RoomList a', { hasText: 'In the open' }).click();
    await page.locator('.InviteView button', { hasText: 'Accept' }).click();
    await seesMembers(alice, room, 2);
    await say(alice, room, 'hello, Hydrogen');
    await page.locator('.Timeline_message', { hasText: 'hello, Hydrogen' }).waitFor();
    await write('hello, Alice');
    await alice.until('reads it', () => heard(room, 'hello, Alice'));
  });

  it('sends and reads encrypted messages', async () => {
    const room = await openRoom(alice, [], { name: 'In secret' });
    await alice.client.invite(room, bob.userId);
    await page.locator('.RoomList a', { hasText: 'In secret' }).click();
    await page.locator('.InviteView button', { hasText: 'Accept' }).click();
    await seesMembers(alice, room, 2);
    await page.locator('textarea[placeholder^="Send an encrypted message"]').waitFor();
    await say(alice, room, 'a secret for Hydrogen');
    await page.locator('.Timeline_message', { hasText: 'a secret for Hydrogen' }).waitFor();
    await write('a secret for Alice');
    const answer = await alice.until('decrypts it', () => heard(room, 'a secret for Alice'));
    assert.ok(answer.isEncrypted());
    await picture(page, 'hydrogen-room');
    assert.deepEqual(complaints, []);
  });

  it('shows the same rooms and messages when the page is loaded again', async () => {
    await page.reload();
    await page.locator('.RoomList a', { hasText: 'In the open' }).waitFor();
    await page.locator('.Timeline_message', { hasText: 'a secret for Alice' }).waitFor();
    await picture(page, 'hydrogen-again');
  });

  async function write(text: string): Promise<void> {
    await page.fill('.MessageComposer_input textarea', text);
    await page.click('.MessageComposer_input button.send');
  }

  function heard(room: string, text: string) {
    const events = roomOf(alice, room).getLiveTimeline().getEvents();
    return events.find((event) => event.getSender() === bob.userId && event.getContent()['body'] === text);
  }
});
