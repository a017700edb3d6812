import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GATEWAY_PATH } from '../../../src/live/api/gateway/gateway.ts';
import { messageName } from '../../../src/live/rules/message-name.ts';
import { type TicketHolder, Tickets } from '../../../src/live/services/tickets.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { TestClock } from '../../support/test-clock.ts';
import { startTestServices, type TestServices } from '../../support/test-services.ts';
import { numbersOf, TestViewer } from './test-viewer.ts';

const SERVICE = '@_live:test.example';
const MODERATOR = '@mod:test.example';
const ZED = '@zed:test.example';

describe('chat through the live gateway', () => {
  let test: TestServices;
  let roomId: string;
  let http: Server;
  let moderation: TestServices['services']['live']['moderation'];
  const viewers: TestViewer[] = [];
  const live = () => test.services.live.book.get('kai').live;
  const tickets = { issue: (holder: TicketHolder) => test.services.live.tickets.issue(holder, undefined) };

  beforeEach(async () => {
    test = await startTestServices({ live: { tick: '0s', drain_time: '0s' } });
    ({ moderation } = test.services.live);
    await test.services.live.start();
    const channel = { handle: 'kai', name: 'Kai', moderators: [MODERATOR] };
    const made = await test.services.live.book.create({ userId: '@kai:test.example', isAdmin: false }, channel);
    ({ roomId } = made.live);
    http = createServer();
    http.on('upgrade', (incoming, socket, head) => test.services.live.upgrade(incoming, socket, head, '192.0.2.1'));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    for (const viewer of viewers.splice(0)) viewer.ws.terminate();
    test.services.live.drain();
    await test.services.live.stop();
    http.closeAllConnections();
    await new Promise<void>((resolve) => http.close(() => resolve()));
    await test.stop();
  });

  async function open(): Promise<TestViewer> {
    const viewer = new TestViewer(`ws://127.0.0.1:${(http.address() as AddressInfo).port}${GATEWAY_PATH}`);
    viewers.push(viewer);
    await viewer.opened();
    return viewer;
  }

  async function watch(userId?: string): Promise<TestViewer> {
    const viewer = await open();
    const subs = [{ ch: 'kai' }];
    viewer.hello(userId === undefined ? { subs } : { subs, ticket: tickets.issue({ userId, deviceId: 'D' }) });
    await viewer.frame('snap');
    return viewer;
  }

  async function say(viewer: TestViewer, i: number, body: string, txn = `t${i}`): Promise<JsonObject> {
    const { r } = await viewer.frame('joined');
    viewer.send({ op: 'send', i, r: r ?? null, txn, body, join: true });
    const isAnswer = (frame: JsonObject) => frame['i'] === i;
    await viewer.until(({ frames }) => frames.some(isAnswer));
    return viewer.frames.find(isAnswer)!;
  }

  const isJoined = async (userId: string) => (await test.services.rooms.get(roomId))?.isJoined(userId);

  it('reaches viewers without an account, who never become members', async () => {
    const [anonymous, zed] = [await watch(), await watch(ZED)];
    const before = (await test.services.rooms.get(roomId))!.joinedCount;
    const ok = await say(zed, 1, 'hello there');
    await anonymous.until(({ messages }) => messages.includes(ok['id']));
    const numbers = numbersOf(await anonymous.frame('t'));
    assert.deepEqual([ok['op'], ok['s']], ['ok', numbers[0]]);
    assert.equal((await test.services.rooms.get(roomId))!.joinedCount, before + 1);
    const late = await watch();
    assert.deepEqual(late.messages, [ok['id']]);
  });

  it('takes viewers back, and new ones in, without asking the database anything', async () => {
    await test.services.accounts.create({ username: 'zed' });
    test.clock.advance(999);
    const [anonymous, zed] = [await watch(), await watch(ZED)];
    await say(zed, 1, 'before the cut');
    await anonymous.until(({ messages }) => messages.length === 1);
    // What is written down each second is written, as what is committed behind it shows.
    test.clock.advance(1);
    await test.services.accounts.create({ username: 'amy' });
    const { epoch, seq } = await anonymous.frame('joined');
    const { resume } = await zed.frame('welcome');
    for (const { ws } of [anonymous, zed]) ws.terminate();
    await test.close();
    const [again, zedAgain, other] = [await open(), await open(), await open()];
    again.hello({ subs: [{ ch: 'kai', epoch: epoch!, seq: seq! }] });
    zedAgain.hello({ subs: [{ ch: 'kai', epoch: epoch!, seq: seq! }], resume: resume! });
    other.hello({ subs: [{ ch: 'kai' }] });
    for (const viewer of [again, zedAgain, other]) await viewer.until(({ messages }) => messages.length === 1);
    const joined = await Promise.all([again, zedAgain].map((viewer) => viewer.frame('joined')));
    assert.deepEqual(
      joined.map(({ rec, you }) => [rec, (you as JsonObject)['why']]),
      [
        [true, 'signed_out'],
        [true, 'rate_limited'],
      ],
    );
  });

  it('makes nobody a member whose message is refused, and says why under the same codes as elsewhere', async () => {
    await moderation.putTerm(MODERATOR, live(), { pattern: 'lamer', action: 'block', expires: null });
    const zed = await watch(ZED);
    const refused = await say(zed, 1, 'what a l4mer');
    assert.deepEqual([refused['op'], refused['code']], ['err', 'blocked_term']);
    assert.equal(await isJoined(ZED), false);
    assert.equal((await say(zed, 2, 'sorry'))['op'], 'ok');
    assert.equal(await isJoined(ZED), true);
    const tooFast = await say(zed, 3, 'again');
    assert.deepEqual([tooFast['code'], tooFast['retry_ms']], ['rate_limited', 1000]);
    const anonymous = await watch();
    assert.equal((await say(anonymous, 1, 'me too'))['code'], 'signed_out');
  });

  it('sends a message once, however often it is tried', async () => {
    const zed = await watch(ZED);
    const [first, second] = [await say(zed, 1, 'once', 'same'), await say(zed, 2, 'once', 'same')];
    assert.equal(first['id'], second['id']);
    const { recent } = (await test.services.rooms.get(roomId))!;
    assert.equal(recent.filter(({ content }) => content['body'] === 'once').length, 1);
  });

  it('binds whoever chats with another client, and shows what they say', async () => {
    const anonymous = await watch();
    const amy = { userId: '@amy:test.example', deviceId: 'E', isGuest: false };
    await test.services.membership.join(amy, roomId, {});
    const send = (txn: string, body: string) =>
      test.services.eventSender.sendMessage(amy, roomId, 'm.room.message', txn, { msgtype: 'm.text', body });
    const id = await send('1', 'from Element');
    await anonymous.until(({ messages }) => messages.includes(messageName(id)));
    await moderation.timeOut(MODERATOR, live(), amy.userId, 60_000, 'spam');
    await assert.rejects(send('2', 'again'), { errcode: 'M_FORBIDDEN', message: /time-out/ });
  });

  it('tells a user where it stands when it comes', async () => {
    await moderation.timeOut(MODERATOR, live(), ZED, 60_000, '');
    const you = async (userId?: string) => (await (await watch(userId)).frame('joined'))['you'];
    assert.deepEqual(await you(), { role: 'viewer', badges: [], can: false, why: 'signed_out' });
    assert.deepEqual(await you(ZED), { role: 'viewer', badges: [], can: false, why: 'timed_out', retry_ms: 60_000 });
    assert.deepEqual(await you(MODERATOR), { role: 'moderator', badges: [['moderator', '1']], can: true });
  });

  it('counts reactions of anybody, those that are offered', async () => {
    const [one, other] = [await watch(), await watch()];
    const { r } = await one.frame('joined');
    one.send({ op: 'react', i: 4, r: r ?? null, k: '🔥', c: 3 });
    await one.frame('ok');
    test.clock.advance(1000);
    await other.until(({ frames }) => frames.some(({ a }) => JSON.stringify(a ?? {}).includes('"🔥":3')));
    one.send({ op: 'react', i: 5, r: r ?? null, k: '💩' });
    assert.equal((await one.frame('err'))['code'], 'bad_reaction');
  });

  it('is for members where the room is', async () => {
    const service = { userId: SERVICE, isGuest: false };
    const state = { v: 1, status: 'live', viewers: 'members' };
    await test.services.eventSender.setState(service, roomId, 'online.beamify.live', '', state);
    const viewer = new TestViewer(`ws://127.0.0.1:${(http.address() as AddressInfo).port}${GATEWAY_PATH}`);
    viewers.push(viewer);
    await viewer.opened();
    viewer.hello({ subs: [{ ch: 'kai' }] });
    assert.equal(await viewer.closed(), 4004);
  });
});

describe('tickets', () => {
  it('are good once, for a minute, and from where they were asked for', () => {
    const clock = new TestClock();
    const tickets = new Tickets(clock, systemRandom, 10);
    const zed = { userId: ZED, deviceId: 'D' };
    const ticket = tickets.issue(zed, 'https://live.test');
    assert.deepEqual(tickets.redeem(ticket, 'https://live.test'), zed);
    assert.equal(tickets.redeem(ticket, 'https://live.test'), undefined);
    assert.equal(tickets.redeem(tickets.issue(zed, 'https://live.test'), 'https://evil.test'), undefined);
    const old = tickets.issue(zed, undefined);
    const revoked = tickets.issue({ userId: ZED, deviceId: 'E' }, undefined);
    tickets.revoke(ZED, 'E');
    assert.equal(tickets.redeem(revoked, undefined), undefined);
    clock.advance(60_000);
    assert.equal(tickets.redeem(old, undefined), undefined);
  });
});
