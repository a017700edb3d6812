import assert from 'node:assert/strict';
import { messageName } from '../../../src/live/rules/message-name.ts';
import type { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { KAI, LIVE, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

describe('a channel of a whole homeserver', function () {
  this.timeout(30_000);
  let live: LiveHomeserver;
  beforeEach(async () => {
    live = await startLiveHomeserver();
  });
  afterEach(() => live.stop());

  it('is made, listed while it is live, and there again after a restart', async () => {
    const { server, kai } = live;
    assert.deepEqual((await server.ask('GET', `${LIVE}/channels`)).body.channels, []);
    const started = await kai.ask('PUT', `${KAI}/session`, { status: 'live', title: 'Speedrun', category: 'gaming' });
    assert.equal(started.body.status, 'live');
    const zed = await server.register('zed');
    assert.equal((await zed.ask('PUT', `${KAI}/session`, { status: 'ended' })).status, 403);
    await server.restart();
    const listed = (await server.ask('GET', `${LIVE}/channels`)).body.channels;
    assert.deepEqual([listed[0].channel, listed[0].title, listed[0].status], ['kai', 'Speedrun', 'live']);
    const told = (await server.ask('GET', KAI)).body;
    assert.match(told.gateway, /^ws:\/\/.*\/gateway$/);
    assert.equal((await server.ask('GET', `${LIVE}/channels/nobody`)).body.errcode, 'M_NOT_FOUND');
    const again = await kai.ask('POST', `${LIVE}/channels`, { handle: 'kai', name: 'Kai' });
    assert.equal(again.body.errcode, 'M_ROOM_IN_USE');
  });

  it('shows anybody what is said by gateway, by HTTP and by the room, and who was timed out', async () => {
    const { server, kai } = live;
    const [anonymous, zed] = [await live.watch(), await server.register('zed')];
    const chatter = await live.watch(zed);
    const ok = await chatter.say('hello');
    assert.equal(ok['op'], 'ok', JSON.stringify(ok));
    server.clock.advance(2000);
    const sent = await zed.ask('POST', `${KAI}/messages`, { txn: 'x', body: 'by HTTP' });
    assert.equal(sent.status, 200);
    server.clock.advance(2000);
    const path = `/v3/rooms/${live.roomId}/send/m.room.message/1`;
    const plain = await zed.ask('PUT', path, { msgtype: 'm.text', body: 'by the room' });
    const ids = [ok['id'], messageName(sent.body.event_id), messageName(plain.body.event_id)];
    await anonymous.until(({ messages }) => ids.every((id) => messages.includes(id)));
    assert.equal(
      (await kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60, reason: 'spam' })).status,
      200,
    );
    assert.deepEqual((await anonymous.entry('cu'))['u'], zed.userId);
    const me = await chatter.frame('me');
    assert.deepEqual(me['you'], { role: 'viewer', badges: [], can: false, why: 'timed_out', retry_ms: 60_000 });
    assert.equal((await chatter.say('again'))['code'], 'timed_out');
    const refused = await zed.ask('PUT', `${path}2`, { msgtype: 'm.text', body: 'and again' });
    assert.deepEqual([refused.status, refused.body['online.beamify.code']], [403, 'timed_out']);
    assert.deepEqual((await live.watch()).messages, []);
    const { entries } = (await kai.ask('GET', `${KAI}/modlog`)).body;
    assert.deepEqual([entries[0].action, entries[0].target, entries[0].detail.reason], ['timeout', zed.userId, 'spam']);
    assert.equal((await zed.ask('GET', `${KAI}/modlog`)).status, 403);
  });

  it('lets a wave of chatters in bit by bit, and asks those to wait for whom there is no room', async () => {
    await live.stop();
    live = await startLiveHomeserver({ live: { joins_per_second: 1, joins_waiting: 1 } });
    const { server } = live;
    const [amy, bob, cat] = [await server.register('amy'), await server.register('bob'), await server.register('cat')];
    const say = (user: typeof amy) =>
      user.ask('POST', `${KAI}/messages`, { txn: 'x', body: `hello of ${user.userId}` });
    assert.equal((await say(amy)).status, 200);
    const pending = server.clock.pending;
    const waiting = say(bob);
    while (server.clock.pending <= pending) await new Promise((resolve) => setImmediate(resolve));
    const busy = await say(cat);
    assert.deepEqual([busy.status, busy.body['online.beamify.code']], [429, 'room_busy']);
    server.clock.advance(1000);
    assert.equal((await waiting).status, 200);
  });

  it('is put away when nobody watches, and goes on where it was when somebody comes', async () => {
    const { server, kai } = live;
    const viewer = await live.watch();
    const said = await kai.ask('POST', `${KAI}/messages`, { txn: 'x', body: 'still there' });
    const { liveChannels } = server.homeserver.services.live;
    assert.equal(liveChannels.size, 1);
    viewer.ws.close();
    await viewer.closed();
    await live.pass(700_000);
    // The round that puts it away may still be under way.
    while (liveChannels.size > 0) await live.pass(60_000);
    assert.deepEqual((await live.watch()).messages, [messageName(said.body.event_id)]);
  });

  it('tells clients what there is', async () => {
    const { capabilities } = (await live.kai.ask('GET', '/v3/capabilities')).body;
    assert.match(capabilities['online.beamify.live'].gateway, /^ws:.*gateway$/);
    const { unstable_features } = (await live.server.ask('GET', '/versions')).body;
    assert.equal(unstable_features['online.beamify.live.v1'], true);
  });

  it('has one end, however many chat at once', async () => {
    const chatters = await Promise.all(['amy', 'bob', 'cat', 'dan'].map((name) => live.server.register(name)));
    const say = (txn: string) => (user: (typeof chatters)[number]) =>
      user.ask('POST', `${KAI}/messages`, { txn, body: `${txn} of ${user.userId}` });
    await Promise.all(chatters.map(say('first')));
    live.server.clock.advance(2000);
    const answers = await Promise.all(chatters.map(say('second')));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    const room = await live.server.homeserver.services.rooms.get(live.roomId);
    assert.deepEqual([room?.decided.extremities.length, room?.hadBranches], [1, false]);
  });

  it('can be made again where the server ended before it was there, by whom it was made for', async () => {
    const { server } = live;
    const [lea, zed] = [await server.register('lea'), await server.register('zed')];
    const { storage } = server.homeserver.services;
    const commit = storage.commit.bind(storage);
    Object.assign(storage, {
      commit: (set: WriteSet) =>
        set.mutations.some(([name]) => name === 'live.channels.insert')
          ? Promise.reject(new Error('the server was killed'))
          : commit(set),
    });
    const make = (user: typeof lea) => user.ask('POST', `${LIVE}/channels`, { handle: 'lea', name: 'Lea' });
    assert.equal((await make(lea)).status, 500);
    await server.restart();
    assert.equal((await make(zed)).body.errcode, 'M_ROOM_IN_USE');
    const made = await make(lea);
    assert.equal(made.status, 200, JSON.stringify(made.body));
    assert.equal((await server.ask('GET', `${LIVE}/channels/lea`)).body.creator, lea.userId);
    assert.equal((await make(lea)).body.errcode, 'M_ROOM_IN_USE');
  });
});
