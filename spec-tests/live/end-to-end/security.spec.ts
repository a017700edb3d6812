import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { messageName } from '../../../src/live/rules/message-name.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { gatewayUrl, KAI, LIVE, type LiveHomeserver, LiveViewer, startLiveHomeserver } from './live-homeserver.ts';

/** Point by point, as docs/live-rooms.md lists them; the others are where that list says. */
describe('the security of live rooms', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let zed: TestUser;
  const open: WebSocket[] = [];
  beforeEach(async () => {
    live = await startLiveHomeserver({ live: { origins: ['https://app.test'] } });
    zed = await live.server.register('zed');
  });
  afterEach(async () => {
    for (const ws of open.splice(0)) ws.terminate();
    await live.stop();
  });

  /** A viewer that comes from a web page. */
  async function from(origin: string, hello: JsonObject): Promise<LiveViewer> {
    const viewer = new LiveViewer(gatewayUrl(live.server), { headers: { origin } });
    open.push(viewer.ws);
    await viewer.opened();
    viewer.hello({ subs: [{ ch: 'kai' }], ...hello });
    await viewer.until(({ frames, closeCode }) => closeCode !== undefined || frames.some(({ op }) => op === 'joined'));
    return viewer;
  }

  async function ticketFor(origin: string): Promise<string> {
    const answer = await fetch(`${live.server.url}/_matrix/client${LIVE}/ticket`, {
      method: 'POST',
      headers: { authorization: `Bearer ${zed.accessToken}`, origin },
    });
    return ((await answer.json()) as { ticket: string }).ticket;
  }

  it('takes no credential from a URL, and writes none into the log', async () => {
    for (const name of ['access_token', 'ticket']) {
      const refused = new LiveViewer(`${gatewayUrl(live.server)}?${name}=secret`);
      await assert.rejects(refused.opened(), /400/);
    }
    const { ticket } = (await zed.ask('POST', `${LIVE}/ticket`)).body;
    const bearer = `beamify.bearer.${Buffer.from(ticket).toString('base64url')}`;
    const viewer = new LiveViewer(gatewayUrl(live.server), {}, ['beamify.live.v1', bearer]);
    open.push(viewer.ws);
    await viewer.opened();
    assert.equal(viewer.ws.protocol, 'beamify.live.v1');
    viewer.hello({ subs: [{ ch: 'kai' }] });
    assert.equal(((await viewer.frame('joined'))['you'] as JsonObject)['can'], true);
    const secret = String((await viewer.frame('welcome'))['resume']);
    const { key } = (await live.kai.ask('POST', `${KAI}/overlay_keys`)).body;
    await live.watch(undefined, { overlay: key });
    const log = live.server.lines.join('\n');
    for (const credential of [ticket, bearer, secret, key, zed.accessToken]) assert.ok(!log.includes(credential));
  });

  it('signs viewers in on pages of its own and of the channel, and on no others', async () => {
    const own = await from('https://app.test', { ticket: await ticketFor('https://app.test') });
    assert.equal(own.closeCode, undefined);
    const fan = async () => from('https://fan.test', { ticket: await ticketFor('https://fan.test') });
    assert.equal(await (await fan()).closed(), 4003);
    assert.equal((await from('https://fan.test', {})).closeCode, undefined);
    await live.kai.ask('PUT', `${KAI}/session`, { embed: { origins: ['https://fan.test'] } });
    assert.equal((await fan()).closeCode, undefined);
  });

  it('gives tickets that are good once, from where they were asked for, and until their session ends', async () => {
    const ticket = await ticketFor('https://app.test');
    assert.equal(await (await live.watch(undefined, { ticket })).closed(), 4003);
    const used = (await zed.ask('POST', `${LIVE}/ticket`)).body.ticket;
    assert.equal((await live.watch(undefined, { ticket: used })).closeCode, undefined);
    assert.equal(await (await live.watch(undefined, { ticket: used })).closed(), 4003);
    const late = (await zed.ask('POST', `${LIVE}/ticket`)).body.ticket;
    await live.pass(61_000);
    assert.equal(await (await live.watch(undefined, { ticket: late })).closed(), 4003);
  });

  it('closes what is no frame, too large a frame, and more frames than may be', async () => {
    const closes = async (text: string) => {
      const viewer = await live.watch();
      viewer.ws.send(text);
      return viewer.closed();
    };
    assert.equal(await closes('{"op":'), 4001);
    assert.equal(await closes('{"op":"sing"}'), 4001);
    assert.equal(await closes(`{"op":"pong","x":${'['.repeat(3000)}${']'.repeat(3000)}}`), 4001);
    assert.equal(await closes('x'.repeat(9000)), 1009);
    const flood = await live.watch();
    for (let n = 0; n < 50; n++) flood.send({ op: 'pong' });
    assert.equal(await flood.closed(), 4013);
  });

  it('compresses nothing that is for one viewer, and tells all viewers nothing that is', async () => {
    const ws = new WebSocket(gatewayUrl(live.server), ['beamify.live.v1'], { perMessageDeflate: true });
    open.push(ws);
    await new Promise((resolve) => ws.once('open', resolve));
    const raw: Buffer[] = [];
    const { _socket: socket } = ws as unknown as { _socket: { on(name: 'data', fn: (data: Buffer) => void): void } };
    socket.on('data', (data) => raw.push(data));
    const { ticket } = (await zed.ask('POST', `${LIVE}/ticket`)).body;
    const told = new Promise<string>((resolve) =>
      ws.on('message', (data) => String(data).includes('"welcome"') && resolve(String(data))),
    );
    ws.send(JSON.stringify({ op: 'hello', v: 1, ticket, subs: [{ ch: 'kai' }] }));
    const { resume } = JSON.parse(await told) as { resume: string };
    assert.ok(Buffer.concat(raw).includes(resume), 'the welcome is not plain');
    const [anonymous, chatter] = [await live.watch(), await live.watch(zed)];
    await live.kai.ask('PUT', `${KAI}/filters/terms`, { pattern: 'lamer', action: 'block' });
    await chatter.say('lamer');
    await live.kai.ask('POST', `${KAI}/warnings`, { user: zed.userId, reason: 'a private word' });
    await chatter.frame('me');
    const all = JSON.stringify(anonymous.frames);
    for (const word of ['lamer', 'a private word', String(resume)]) assert.ok(!all.includes(word));
  });

  it('sends those away who may not watch any more, when the room is not for the world', async () => {
    const [anonymous, member] = [await live.watch(), await live.watch(live.kai)];
    const closed = await live.kai.ask('PUT', `${KAI}/session`, { viewers: 'members' });
    assert.equal(closed.status, 200);
    assert.equal(await anonymous.closed(), 4004);
    assert.equal(member.closeCode, undefined);
    await live.kai.ask('POST', `/v3/rooms/${live.roomId}/invite`, { user_id: zed.userId });
    await zed.ask('POST', `/v3/join/${live.roomId}`, {});
    const joined = await live.watch(zed);
    assert.equal(joined.closeCode, undefined);
    await live.kai.ask('POST', `/v3/rooms/${live.roomId}/kick`, { user_id: zed.userId });
    assert.equal(await joined.closed(), 4004);
    for (const read of ['', '/snapshot', '/events', '/sessions']) {
      assert.equal((await live.server.ask('GET', `${KAI}${read}`)).status, 404);
    }
  });

  it('asks anew who may do what, when somebody resumes', async () => {
    const first = await live.watch(zed);
    const resume = (await first.frame('welcome'))['resume'] ?? null;
    const { epoch = null, seq = null } = await first.frame('joined');
    first.ws.terminate();
    await live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60 });
    const back = await live.watch(undefined, { resume, subs: [{ ch: 'kai', epoch, seq }] });
    const joined = await back.frame('joined');
    assert.deepEqual([joined['rec'], (joined['you'] as JsonObject)['why']], [true, 'timed_out']);
    const again = await live.watch(undefined, { resume });
    assert.equal(await again.closed(), 4003);
    const next = (await back.frame('welcome'))['resume'] ?? null;
    assert.equal((await zed.ask('POST', '/v3/logout')).status, 200);
    assert.equal(await back.closed(), 4003);
    assert.equal(await (await live.watch(undefined, { resume: next })).closed(), 4003);
  });

  it('tells nobody who watches', async () => {
    const watcher = await live.watch(zed);
    await live.watch();
    const { chatters } = (await live.kai.ask('GET', `${KAI}/chatters`)).body;
    assert.deepEqual(chatters, []);
    const members = (await live.kai.ask('GET', `/v3/rooms/${live.roomId}/joined_members`)).body.joined;
    assert.equal(members[zed.userId], undefined);
    const seen = JSON.stringify((await live.watch(live.kai, { mod: true })).frames);
    assert.ok(!seen.includes(zed.userId));
    assert.ok(!seen.includes(String((await watcher.frame('welcome'))['sid'])));
  });

  it('looks for a thousand terms in a text made to be slow without being slow', async () => {
    for (let n = 0; n < 50; n++) {
      await live.kai.ask('PUT', `${KAI}/filters/terms`, { pattern: `${'a'.repeat(40)}*${n}b`, action: 'block' });
    }
    const chatter = await live.watch(zed);
    const began = performance.now();
    await chatter.say('a'.repeat(500));
    assert.ok(performance.now() - began < 1000);
    const long = await live.kai.ask('PUT', `${KAI}/filters/terms`, { pattern: 'x'.repeat(300), action: 'block' });
    assert.equal(long.status, 400);
  });

  it('believes no room that says it is a channel, and no badge that a client writes', async () => {
    const marker = { v: 1, channel: { id: 'kai', creator: zed.userId }, status: 'live', viewers: 'anyone' };
    const initial_state = [{ type: 'online.beamify.live', state_key: '', content: marker }];
    const { room_id } = (await zed.ask('POST', '/v3/createRoom', { preset: 'public_chat', initial_state })).body;
    assert.equal((await live.server.ask('GET', KAI)).body.room_id, live.roomId);
    const anonymous = await live.watch();
    await zed.ask('PUT', `/v3/rooms/${room_id}/send/m.room.message/1`, { msgtype: 'm.text', body: 'not there' });
    await zed.ask('POST', `/v3/join/${live.roomId}`, {});
    const badges = {
      'online.beamify.chat': { badges: [['streamer', '1']] },
      'online.beamify.notice': { kind: 'raid' },
    };
    const path = `/v3/rooms/${live.roomId}/send/m.room.message/2`;
    const { event_id } = (await zed.ask('PUT', path, { msgtype: 'm.text', body: 'I am Kai', ...badges })).body;
    await anonymous.until(({ messages }) => messages.includes(messageName(event_id)));
    const told = anonymous.entries('m').find(({ id }) => id === messageName(event_id));
    assert.deepEqual([told?.['b'], told?.['nt']], [[], undefined]);
    assert.ok(!JSON.stringify(anonymous.frames).includes('not there'));
  });

  it('tells moderators who comes under a name that looks like theirs', async () => {
    const lane = await live.watch(live.kai, { mod: true });
    await zed.ask('PUT', `/v3/profile/${zed.userId}/displayname`, { displayname: 'K\u0430i' });
    await (await live.watch(zed)).say('follow me elsewhere');
    const { user, reason, like } = await lane.entry('flag');
    assert.deepEqual([user, reason, like], [zed.userId, 'looks_like', live.kai.userId]);
  });

  it('shows nobody what was said to members, once others may watch again', async () => {
    await live.kai.ask('PUT', `${KAI}/session`, { viewers: 'members' });
    const member = await live.watch(live.kai);
    await member.say('among ourselves');
    await live.kai.ask('PUT', `${KAI}/session`, { viewers: 'anyone' });
    await member.until(({ frames }) => frames.filter(({ op }) => op === 'joined').length === 2);
    live.server.clock.advance(2000);
    await member.say('hello world', 'w');
    const anonymous = await live.watch();
    await anonymous.until(({ frames }) => JSON.stringify(frames).includes('hello world'));
    assert.ok(!JSON.stringify(anonymous.frames).includes('among ourselves'));
  });

  it('shows members alone what was said to them: in replays, on the board of questions, and after a restart', async () => {
    const { kai, server } = live;
    const session = (await kai.ask('PUT', `${KAI}/session`, { status: 'live', viewers: 'members' })).body.session.id;
    const member = await live.watch(kai);
    const secret = await member.say('among ourselves');
    const react = (id: unknown, txn: string) =>
      kai.ask('PUT', `/v3/rooms/${live.roomId}/send/m.reaction/${txn}`, {
        'm.relates_to': { rel_type: 'm.annotation', event_id: String(id), key: '🔥' },
      });
    server.clock.advance(1500);
    assert.equal((await react(secret['event_id'], 'r1')).status, 200);
    await kai.ask('PUT', `${KAI}/session`, { viewers: 'anyone' });
    await server.restart();
    await kai.ask('PUT', `${KAI}/session`, { title: 'For everybody' });
    server.clock.advance(1500);
    const open = (await kai.ask('POST', `${KAI}/messages`, { txn: 'o', body: 'hello world' })).body;
    server.clock.advance(1500);
    await react(secret['event_id'], 'r2');
    await react(open.event_id, 'r3');
    const replay = `${KAI}/sessions/${session}/replay?bucket=0`;
    for (const path of [`${KAI}/snapshot`, replay, `${KAI}/questions`]) {
      const { body } = await server.ask('GET', path);
      assert.ok(JSON.stringify(body).includes('hello world'), `${path}: ${JSON.stringify(body)}`);
      assert.ok(!JSON.stringify(body).includes('among ourselves'), path);
    }
    const own = await kai.ask('GET', replay);
    assert.ok(JSON.stringify(own.body).includes('among ourselves'));
    assert.match(own.headers.get('cache-control') ?? '', /^private/);
  });

  it('leaves other upgrades alone', async () => {
    const other = new LiveViewer(`${live.server.url.replace('http', 'ws')}/_matrix/client/v3/sync`);
    await assert.rejects(other.opened(), /404/);
  });
});
