import assert from 'node:assert/strict';
import { CutProxy } from '../../support/cut-proxy.ts';
import { needs, redis } from '../../support/needs.ts';
import { RedisServer } from '../../support/redis-server.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { LiveGateways, type TestGateway } from './live-gateways.ts';
import { KAI, LIVE, type LiveViewer } from './live-homeserver.ts';

const placesOf = ({ frames }: LiveViewer) => frames.filter(({ op }) => op === 'snap').length;

describe('the link of a gateway to its server', function () {
  this.timeout(20_000);
  let server: RedisServer;
  let all: LiveGateways;
  let proxy: CutProxy;
  let gateway: TestGateway;
  let zed: TestUser;

  beforeEach(async function () {
    server = await RedisServer.start(needs(this, redis));
    all = await LiveGateways.start(server);
    proxy = await CutProxy.start(() => Number(new URL(all.live.server.url).port));
    gateway = await all.gateway({ gateway_server: proxy.url });
    zed = await all.live.server.register('zed');
  });
  afterEach(async () => {
    await all?.stop();
    await proxy?.stop();
    await server?.remove();
  });

  // Whatever waits for Redis, and for time, goes on.
  const hears = (viewer: LiveViewer, text: string) =>
    all.until(() => viewer.entries('m').some(({ tx }) => tx === text));
  let sent = 0;
  const say = async (body: string) => {
    sent += 1;
    const path = `/v3/rooms/${all.live.roomId}/send/m.room.message/${sent}`;
    assert.equal((await all.live.kai.ask('PUT', path, { msgtype: 'm.text', body })).status, 200);
    all.live.server.clock.advance(2000);
  };
  const cut = async () => {
    proxy.cut();
    await all.until(() => all.linked === 0 && gateway.lines.at(-1)?.includes('there is no link') === true);
  };
  const heal = async () => {
    proxy.heal();
    await all.until(() => all.linked === 1);
  };

  it('needs the secret, and does not show it', async () => {
    const wrong = 'another-secret-of-the-gateways-of-tests';
    const refused = await all.unlinked({ gateway_secret: wrong });
    await all.until(() => refused.lines.some((line) => line.includes('it answers 401')));
    assert.equal(all.linked, 1);
    assert.equal((await fetch(`${refused.url}/health`)).status, 503);
    const viewer = await refused.watch();
    assert.equal(await viewer.closed(), 4000);
    const lines = [...refused.lines, ...gateway.lines, ...all.live.server.lines].join('\n');
    assert.doesNotMatch(lines, /secret-of-the-gateways/);
  });

  it('is not missed by those who read', async () => {
    const [anonymous, chatter] = [await gateway.watch(), await gateway.watch(zed)];
    await cut();
    await say('meanwhile');
    await Promise.all([hears(anonymous, 'meanwhile'), hears(chatter, 'meanwhile')]);
    const late = await gateway.watch();
    await hears(late, 'meanwhile');
    const refused = await chatter.say('mine');
    assert.deepEqual([refused['code'], refused['retry_ms']], ['unavailable', 2000]);
    const { resume } = await chatter.frame('welcome');
    chatter.ws.terminate();
    const again = await gateway.watch(undefined, { resume: resume! });
    assert.equal(await again.closed(), 4000);
    assert.equal((await again.frame('bye'))['resume'], true);
    await heal();
    await all.until(async () => (await all.viewers()) === 2);
    const back = await gateway.watch(undefined, { resume: resume! });
    assert.equal(back.closeCode, undefined);
    assert.equal((await back.say('mine'))['op'], 'ok');
    await Promise.all([hears(anonymous, 'mine'), hears(late, 'mine')]);
    assert.deepEqual([placesOf(anonymous), placesOf(late)], [1, 1]);
  });

  it('brings what changed while it was down', async () => {
    const users = [zed, await all.live.server.register('amy'), await all.live.server.register('bob')];
    const [out, banned, warned] = await Promise.all(users.map((user) => gateway.watch(user)));
    for (const viewer of [out!, banned!, warned!]) assert.equal((await viewer.say('hello'))['op'], 'ok');
    const [anonymous, moderator] = [await gateway.watch(), await gateway.watch(all.live.kai, { mod: true })];
    await cut();
    await zed.ask('POST', '/v3/logout');
    await all.live.kai.ask('POST', `${KAI}/bans`, { user: users[1]!.userId });
    await all.live.kai.ask('POST', `${KAI}/timeouts`, { user: users[2]!.userId, seconds: 600 });
    await heal();
    assert.equal(await out!.closed(), 4003);
    assert.equal(await banned!.closed(), 4011);
    await warned!.until(({ frames }) =>
      frames.some(({ op, you }) => op === 'me' && JSON.stringify(you).includes('timed_out')),
    );
    await moderator.until((viewer) => viewer.entries('log').length >= 2);
    assert.equal(anonymous.closeCode, undefined);
    await cut();
    await all.live.kai.ask('PUT', `${KAI}/session`, { status: 'live', viewers: 'members' });
    await heal();
    assert.equal(await anonymous.closed(), 4004);
    assert.equal(warned!.closeCode, undefined);
  });

  it('acknowledges nothing that it does not know of, and what is sent again is sent once', async () => {
    const chatter = await gateway.watch(zed);
    proxy.mute();
    const answer = chatter.say('hello', 'once');
    await all.until(() => chatter.frames.some(({ op }) => op === 'err'));
    assert.equal((await answer)['code'], 'unavailable');
    proxy.heal();
    await all.until(() => gateway.lines.filter((line) => line.includes('linked to the server')).length === 2);
    await hears(chatter, 'hello');
    const again = await chatter.say('hello', 'once');
    assert.equal(again['op'], 'ok', JSON.stringify(again));
    assert.equal(chatter.entries('m').length, 1);
  });

  it('is made anew after the server was, and viewers stay who and where they are', async () => {
    const [anonymous, chatter] = [await gateway.watch(), await gateway.watch(zed)];
    await say('before');
    await hears(anonymous, 'before');
    await all.live.server.restart();
    await all.until(() => all.linked === 1);
    await all.until(async () => (await all.viewers()) === 2);
    assert.equal((await chatter.say('after'))['op'], 'ok');
    await Promise.all([hears(anonymous, 'after'), hears(chatter, 'after')]);
    assert.equal(placesOf(anonymous), 1);
    const { resume } = await chatter.frame('welcome');
    chatter.ws.terminate();
    const again = await gateway.watch(undefined, { resume: resume! });
    assert.ok(again.frames.some(({ op }) => op === 'joined'));
  });

  it('lets nobody come back by a secret who was logged out', async () => {
    const chatter = await gateway.watch(zed);
    const { resume } = await chatter.frame('welcome');
    await zed.ask('POST', '/v3/logout');
    assert.equal(await chatter.closed(), 4003);
    assert.equal(await (await gateway.watch(undefined, { resume: resume! })).closed(), 4003);
    assert.equal((await zed.ask('POST', `${LIVE}/ticket`)).status, 401);
  });

  it('closes a channel to those who are not signed in, as its order says, also while it is down', async () => {
    const [anonymous, member] = [await gateway.watch(), await gateway.watch(zed)];
    assert.equal((await member.say('hello'))['op'], 'ok');
    await cut();
    await all.live.kai.ask('PUT', `${KAI}/session`, { status: 'live', viewers: 'members' });
    await all.until(() => anonymous.closeCode !== undefined);
    assert.equal(anonymous.closeCode, 4004);
    assert.equal(await (await gateway.watch()).closed(), 4004);
    await say('among ourselves');
    await hears(member, 'among ourselves');
    assert.doesNotMatch(JSON.stringify(anonymous.frames), /among ourselves/);
  });

  it('is asked about a channel once, and once about each who is signed in', async () => {
    const users = await Promise.all([1, 2, 3, 4].map((n) => all.live.server.register(`user${n}`)));
    await gateway.watch();
    const before = await gateway.questions();
    await Promise.all(Array.from({ length: 20 }, () => gateway.watch()));
    assert.deepEqual(await gateway.questions(), before);
    for (const user of users) await gateway.watch(user);
    const after = await gateway.questions();
    assert.deepEqual(after, new Map([...before, ['redeem', users.length]]));
  });

  it('keeps a channel open in the server that is watched through a gateway alone, and no longer', async function () {
    this.timeout(30_000);
    const { live } = all.live.server.homeserver.services;
    const viewer = await gateway.watch();
    await all.live.pass(150_000);
    assert.equal(live.liveChannels.size, 1);
    await say('after a while');
    await hears(viewer, 'after a while');
    viewer.ws.terminate();
    await all.until(async () => (await all.viewers()) === 0);
    for (let n = 0; n < 500 && live.liveChannels.size > 0; n++) await all.live.pass(5000);
    assert.equal(live.liveChannels.size, 0);
    await say('to nobody');
    const late = await gateway.watch();
    await hears(late, 'to nobody');
  });
});
