import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { needs, redis } from '../../support/needs.ts';
import { RedisServer } from '../../support/redis-server.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { numbersOf } from '../gateway/test-viewer.ts';
import { LiveGateways, type TestGateway } from './live-gateways.ts';
import { KAI, LIVE, type LiveViewer } from './live-homeserver.ts';

/** The numbers told since the last snapshot. */
function told({ frames }: LiveViewer): number[] {
  return frames.filter(({ op }) => op === 't').flatMap(numbersOf);
}

const placeOf = ({ frames }: LiveViewer): JsonObject => {
  const { epoch } = frames.findLast(({ op }) => op === 'snap' || op === 'joined')!;
  const { q } = frames.findLast(({ op, ev }) => op === 't' && ev !== undefined)!;
  return { ch: 'kai', epoch: epoch!, seq: q! };
};

const aggregates = ({ frames }: LiveViewer, key: string): unknown[] =>
  frames.flatMap((frame) => (frame['a'] as JsonObject | undefined)?.[key] ?? []);

describe('gateways in processes of their own', function () {
  this.timeout(20_000);
  let server: RedisServer;
  let all: LiveGateways;
  let a: TestGateway;
  let b: TestGateway;
  let zed: TestUser;
  let users = 0;
  // Whatever waits for Redis, and for time, goes on.
  const hears = (viewer: LiveViewer, id: unknown) => all.until(() => viewer.messages.includes(id));
  const entry = async (viewer: LiveViewer, kind: string) => {
    await all.until(() => viewer.entries(kind).length > 0);
    return viewer.entries(kind)[0]!;
  };

  before(async function () {
    server = await RedisServer.start(needs(this, redis));
    all = await LiveGateways.start(server);
    [a, b] = [await all.gateway(), await all.gateway()];
  });
  beforeEach(async () => {
    users += 1;
    zed = await all.live.server.register(`zed${users}`);
    all.live.server.clock.advance(2000);
  });
  afterEach(() => all.leave());
  after(async () => {
    await all?.stop();
    await server?.remove();
  });

  it('tell viewers what is said through the server and through another gateway, in order', async () => {
    const [chatter, viewer] = [await a.watch(zed), await b.watch()];
    const { id } = await chatter.say('through a');
    await hears(viewer, id);
    await all.live.kai.ask('PUT', `/v3/rooms/${all.live.roomId}/send/m.room.message/1`, {
      msgtype: 'm.text',
      body: 'through the server',
    });
    await all.until(() => viewer.entries('m').at(-1)?.['tx'] === 'through the server');
    assert.deepEqual(
      viewer.entries('m').map(({ tx }) => tx),
      ['through a', 'through the server'],
    );
    const [first = 0, second] = told(viewer);
    assert.equal(second, first + 1);
  });

  it('let viewers go on where they were on another one, signed in or not', async () => {
    const c = await all.gateway();
    const [anonymous, chatter] = [await c.watch(), await c.watch(zed)];
    const { id } = await chatter.say('before');
    await Promise.all([hears(anonymous, id), hears(chatter, id)]);
    const { resume } = await chatter.frame('welcome');
    const places = [placeOf(anonymous), placeOf(chatter)];
    await c.stop();
    for (const viewer of [anonymous, chatter]) assert.equal(await viewer.closed(), 4010);
    assert.equal((await anonymous.frame('bye'))['resume'], true);
    all.live.server.clock.advance(2000);
    const again = [await b.watch(undefined, { subs: [places[0]!] })];
    again.push(await b.watch(undefined, { subs: [places[1]!], resume: resume! }));
    const { id: later } = await again[1]!.say('after', 'after');
    for (const viewer of again) {
      assert.equal((await viewer.frame('joined'))['rec'], true);
      await hears(viewer, later);
      assert.deepEqual(told(viewer), [Number(places[0]!['seq']) + 1]);
    }
  });

  it('take a ticket once, whoever is shown it', async () => {
    const { ticket } = (await zed.ask('POST', `${LIVE}/ticket`)).body;
    const both = await Promise.all([a.watch(undefined, { ticket }), b.watch(undefined, { ticket })]);
    const refused = both.filter(({ frames }) => !frames.some(({ op }) => op === 'welcome'));
    assert.equal(refused.length, 1);
    assert.equal(await refused[0]!.closed(), 4003);
    const third = await all.watch(all.live.server.url, undefined, { ticket });
    assert.equal(await third.closed(), 4003);
  });

  it('have a time-out that is set through one hold in another, and tell the user there', async () => {
    const [moderator, chatter] = [await a.watch(all.live.kai), await b.watch(zed)];
    assert.equal((await chatter.say('hello'))['op'], 'ok');
    const done = await moderator.ask('mod', { do: 'timeout', user: zed.userId, seconds: 60 });
    assert.equal(done['op'], 'ok', JSON.stringify(done));
    await chatter.until(({ frames }) =>
      frames.some(({ op, you }) => op === 'me' && (you as JsonObject)['why'] === 'timed_out'),
    );
    all.live.server.clock.advance(2000);
    const refused = await chatter.say('again', 'again');
    assert.deepEqual([refused['op'], refused['code']], ['err', 'timed_out']);
  });

  it('send a message once that is sent again through another one', async () => {
    const [first, second] = [await a.watch(zed), await b.watch(zed)];
    const [sent, again] = [await first.say('hello', 'once'), await second.say('hello', 'once')];
    assert.deepEqual([sent['op'], again['op'], again['id']], ['ok', 'ok', sent['id']]);
    await hears(second, sent['id']);
    assert.equal(second.entries('m').filter(({ id }) => id === sent['id']).length, 1);
  });

  it('add up viewers, and forget those of one that is gone', async () => {
    const c = await all.gateway();
    const near = await all.watch(all.live.server.url);
    const [, far] = [await a.watch(), await b.watch(), await c.watch()];
    await all.until(async () => (await all.viewers()) === 4);
    for (const viewer of [near, far]) await all.until(() => aggregates(viewer, 'v').at(-1) === 4);
    await c.stop();
    await all.until(async () => (await all.viewers()) === 3);
    await all.until(() => aggregates(near, 'v').at(-1) === 3);
  });

  it('count votes and reactions for all', async () => {
    const [moderator, chatter, near] = [
      await a.watch(all.live.kai),
      await b.watch(zed),
      await all.watch(all.live.server.url),
    ];
    const begun = await moderator.ask('mod', { do: 'poll', question: 'Tea?', answers: ['yes', 'no'], seconds: 60 });
    assert.equal(begun['op'], 'ok', JSON.stringify(begun));
    const poll = String(((await entry(chatter, 'ps')) as JsonObject)['id']);
    assert.equal((await chatter.ask('vote', { poll, a: [1] }))['op'], 'ok');
    for (const viewer of [moderator, chatter, near]) {
      await all.until(() => aggregates(viewer, 'pl').some((pl) => JSON.stringify(pl).includes('[0,1]')));
    }
    const late = await b.watch();
    assert.ok(JSON.stringify(await late.frame('snap')).includes('[0,1]'));
    assert.equal((await chatter.ask('react', { k: '🔥', c: 3 }))['op'], 'ok');
    assert.equal((await chatter.ask('react', { k: 'x', c: 3 }))['code'], 'bad_reaction');
    for (const viewer of [moderator, chatter, near]) {
      await all.until(() => aggregates(viewer, 'rx').some((rx) => (rx as JsonObject)['🔥'] === 3));
    }
  });

  it('close a channel to others than members, who are shown nothing of what was said meanwhile', async () => {
    const amy = await all.live.server.register('amy');
    const [anonymous, chatter, outsider] = [await b.watch(), await b.watch(zed), await b.watch(amy)];
    assert.equal((await chatter.say('hello'))['op'], 'ok');
    await all.live.kai.ask('PUT', `${KAI}/session`, { status: 'live', viewers: 'members' });
    for (const viewer of [anonymous, outsider]) assert.equal(await viewer.closed(), 4004);
    for (const user of [undefined, amy]) assert.equal(await (await a.watch(user)).closed(), 4004);
    all.live.server.clock.advance(2000);
    const said = await chatter.say('among ourselves', 'private');
    assert.equal(said['op'], 'ok', JSON.stringify(said));
    await hears(chatter, said['id']);
    await all.live.kai.ask('PUT', `${KAI}/session`, { status: 'live', viewers: 'anyone' });
    let late = await b.watch();
    await all.until(async () => {
      if (late.closeCode !== undefined) late = await b.watch();
      return late.closeCode === undefined;
    });
    await late.frame('snap');
    await all.until(() => chatter.frames.filter(({ op }) => op === 'joined').length > 1);
    all.live.server.clock.advance(2000);
    const open = await chatter.ask('send', {
      ...{ body: 'in the open', txn: 'open' },
      r: chatter.frames.findLast(({ op }) => op === 'joined')!['r']!,
    });
    assert.equal(open['op'], 'ok', JSON.stringify(open));
    await all.until(() => [late, chatter].every(({ messages }) => messages.includes(open['id'])));
    assert.doesNotMatch(JSON.stringify(late.frames), /among ourselves/);
    await all.live.kai.ask('PUT', `${KAI}/session`, { status: 'offline' });
  });

  it('let those go on who are signed in where others may not watch, and may again', async () => {
    const [anonymous, chatter] = [await b.watch(), await b.watch(zed)];
    const session = (viewers: string) => all.live.kai.ask('PUT', `${KAI}/session`, { status: 'live', viewers });
    assert.equal((await session('signed_in')).status, 200);
    assert.equal(await anonymous.closed(), 4004);
    await session('anyone');
    let late = await b.watch();
    await all.until(async () => {
      if (late.closeCode !== undefined) late = await b.watch();
      return late.closeCode === undefined;
    });
    await all.live.kai.ask('POST', `${KAI}/announcements`, { body: 'for all' });
    for (const viewer of [chatter, late]) {
      await all.until(() => viewer.entries('nt').some(({ tx }) => tx === 'for all'));
    }
    await all.live.kai.ask('PUT', `${KAI}/session`, { status: 'offline' });
  });

  it('tell moderators what is theirs, also what was missed', async () => {
    const moderator = await b.watch(all.live.kai, { mod: true });
    const { mseq } = await moderator.frame('joined');
    await all.live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60 });
    await entry(moderator, 'log');
    moderator.ws.terminate();
    const again = await a.watch(all.live.kai, { mod: true, subs: [{ ch: 'kai', mseq: mseq! }] });
    assert.deepEqual(again.entries('log'), moderator.entries('log'));
    const other = await b.watch(zed, { mod: true, subs: [{ ch: 'kai', mseq: mseq! }] });
    assert.deepEqual(other.entries('log'), []);
  });

  it('take viewers along to another room', async () => {
    const [anonymous, chatter] = [await a.watch(), await b.watch(zed)];
    const { room } = await anonymous.frame('joined');
    const moved = await all.live.kai.ask('POST', `${KAI}/rollover`, {});
    assert.equal(moved.status, 200);
    for (const viewer of [anonymous, chatter]) {
      await viewer.until(({ frames }) => frames.some(({ op, room: now }) => op === 'joined' && now !== room));
    }
    const said = await chatter.ask('send', {
      body: 'here',
      txn: 'here',
      r: chatter.frames.findLast(({ op }) => op === 'joined')!['r']!,
    });
    assert.equal(said['op'], 'ok', JSON.stringify(said));
    await hears(anonymous, said['id']);
    await all.until(async () => (await all.viewers()) === 2);
  });

  it('open overlays by keys, and close them when these are taken back', async () => {
    const { key } = (await all.live.kai.ask('POST', `${KAI}/overlay_keys`)).body;
    const overlay = await a.watch(undefined, { overlay: key });
    assert.ok(overlay.frames.some(({ op }) => op === 'joined'));
    assert.equal(await (await a.watch(undefined, { overlay: `${key.slice(0, -1)}_` })).closed(), 4003);
    await all.live.kai.ask('DELETE', `${KAI}/overlay_keys`);
    assert.equal(await overlay.closed(), 4003);
  });

  it('serve what is read by HTTP to anybody, and send whoever has a token to the server', async () => {
    const channel = `${a.url}/_matrix/client${KAI}`;
    const chatter = await b.watch(zed);
    const { id } = await chatter.say('hello');
    const { epoch } = await chatter.frame('joined');
    await all.until(async () => (await (await fetch(`${channel}/snapshot`)).text()).includes(String(id)));
    const chunk = await fetch(`${channel}/chunk/${epoch}/${Math.floor(all.live.server.clock.now() / 2000) - 2}`);
    assert.equal(chunk.status, 200);
    const stop = new AbortController();
    const events = await fetch(`${channel}/events`, { signal: stop.signal });
    const first = await events.body!.getReader().read();
    assert.match(Buffer.from(first.value!).toString(), /"op":"joined"/);
    stop.abort();
    const headers = { Authorization: `Bearer ${zed.accessToken}` };
    assert.equal((await fetch(`${channel}/snapshot`, { headers })).status, 421);
    assert.equal((await fetch(`${a.url}/_matrix/client/versions`)).status, 404);
    assert.equal((await fetch(`${a.url}/health`)).status, 200);
  });
});
