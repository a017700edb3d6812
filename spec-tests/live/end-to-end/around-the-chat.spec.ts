import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { TEST_PASSWORD, type TestUser } from '../../support/test-homeserver.ts';
import { KAI, LIVE, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

describe('around the chat of a channel', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let zed: TestUser;
  beforeEach(async () => {
    live = await startLiveHomeserver();
    zed = await live.server.register('zed');
  });
  afterEach(() => live.stop());

  it('polls: one vote each, told as it stands, said in the room at the end', async () => {
    const { server, kai } = live;
    const [anonymous, chatter] = [await live.watch(), await live.watch(zed)];
    const begun = await kai.ask('POST', `${KAI}/polls`, { question: 'Next?', answers: ['A', 'B'], seconds: 60 });
    assert.equal(begun.status, 200, JSON.stringify(begun.body));
    const poll = begun.body.poll_id;
    assert.equal((await anonymous.entry('ps'))['id'], poll);
    assert.equal((await anonymous.ask('vote', { poll, a: [0] }))['code'], 'signed_out');
    assert.equal((await chatter.ask('vote', { poll, a: [0] }))['op'], 'ok');
    assert.equal((await chatter.ask('vote', { poll, a: [1] }))['op'], 'ok');
    assert.equal((await chatter.ask('vote', { poll, a: [7] }))['code'], 'M_INVALID_PARAM');
    server.clock.advance(1000);
    await anonymous.until(({ frames }) => frames.some(({ a }) => JSON.stringify(a ?? {}).includes(`"${poll}":[0,1]`)));
    const snapshot = (await server.ask('GET', `${KAI}/snapshot`)).body;
    assert.deepEqual(snapshot.polls[0].counts, [0, 1]);
    await server.restart();
    assert.deepEqual((await server.ask('GET', `${KAI}/snapshot`)).body.polls[0].counts, [0, 1]);
    const late = await live.watch();
    await live.pass(61_000);
    assert.equal((await late.entry('pe'))['poll'], poll);
    const messages = (await kai.ask('GET', `/v3/rooms/${live.roomId}/messages?dir=b&limit=5`)).body.chunk;
    const end = messages.find(({ type }: JsonObject) => type === 'org.matrix.msc3381.poll.end');
    assert.deepEqual(end.content['online.beamify.poll'].counts, [0, 1]);
  });

  it('raids: told at once, done after the countdown, or called off', async () => {
    const { kai } = live;
    await kai.ask('POST', `${LIVE}/channels`, { handle: 'lea', name: 'Lea' });
    const anonymous = await live.watch();
    assert.equal((await zed.ask('POST', `${KAI}/raid`, { to: 'lea' })).status, 403);
    assert.equal((await kai.ask('POST', `${KAI}/raid`, { to: 'kai' })).body.errcode, 'M_INVALID_PARAM');
    await kai.ask('POST', `${KAI}/raid`, { to: 'lea' });
    assert.deepEqual((await anonymous.entry('rd'))['to'], 'lea');
    await kai.ask('DELETE', `${KAI}/raid`);
    await kai.ask('POST', `${KAI}/raid`, { to: 'lea' });
    await live.pass(90_000);
    const notice = (await anonymous.entry('nt'))['nt'] as JsonObject;
    assert.deepEqual([notice['kind'], (notice['data'] as JsonObject)['to']], ['raid', 'lea']);
  });

  it('can be read as server-sent events, and gone on with where they broke off', async () => {
    const { server } = live;
    const chatter = await live.watch(zed);
    const path = `${server.url}/_matrix/client${KAI}/events`;
    const first = await readEvents(path, {}, async (wait) => {
      await wait((text) => text.includes('"op":"snap"'));
      await chatter.say('one');
      return wait((text) => text.includes('"tx":"one"'));
    });
    const id = [...first.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '';
    server.clock.advance(2000);
    await chatter.say('two');
    const second = await readEvents(path, { 'last-event-id': id }, (wait) =>
      wait((text) => text.includes('"tx":"two"')),
    );
    assert.ok(second.includes('"rec":true') && !second.includes('"tx":"one"'), second);
  });

  it('can be polled in chunks that lose what is deleted', async () => {
    const { server, kai } = live;
    const chatter = await live.watch(zed);
    const said = await chatter.say('polled');
    const slot = Math.floor(server.clock.now() / 2000);
    const { epoch } = (await server.ask('GET', `${KAI}/snapshot`)).body;
    const chunk = () => server.ask('GET', `${KAI}/chunk/${epoch}/${slot}`);
    assert.equal((await chunk()).status, 404);
    server.clock.advance(2000);
    const { headers, body } = await chunk();
    const message = body.ev.find(({ k }: JsonObject) => k === 'm');
    assert.deepEqual([message.id, body.next], [said['id'], slot + 1]);
    assert.equal(headers.get('cache-control'), 'public, max-age=10');
    await kai.ask('DELETE', `${KAI}/messages/${said['id']}`);
    assert.ok((await chunk()).body.ev.every(({ k }: JsonObject) => k !== 'm'));
    server.clock.advance(130_000);
    assert.equal((await chunk()).status, 410);
  });

  it('is replayed by session and half minute, without what was taken out', async () => {
    const { server, kai } = live;
    const started = await kai.ask('PUT', `${KAI}/session`, { status: 'live' });
    const chatter = await live.watch(zed);
    await live.pass(31_000);
    const [first] = [await chatter.say('first')];
    server.clock.advance(2000);
    const second = await chatter.say('second');
    const path = `${KAI}/sessions/${started.body.session.id}/replay?bucket=1`;
    const before = await server.ask('GET', path);
    assert.deepEqual(
      before.body.ev.map(({ id, o }: JsonObject) => [id, o]),
      [
        [first['id'], 31_000],
        [second['id'], 33_000],
      ],
    );
    await kai.ask('DELETE', `${KAI}/messages/${first['id']}`);
    const after = await server.ask('GET', path);
    assert.deepEqual(
      after.body.ev.map(({ id }: JsonObject) => id),
      [second['id']],
    );
    assert.notEqual(after.headers.get('etag'), before.headers.get('etag'));
    await live.pass(60_000);
    await kai.ask('PUT', `${KAI}/session`, { status: 'ended' });
    const over = await server.ask('GET', path);
    assert.equal(over.headers.get('cache-control'), 'public, max-age=60');
    const [session] = (await server.ask('GET', `${KAI}/sessions`)).body.sessions;
    assert.deepEqual([session.id, session.ended_at > session.started_at], [started.body.session.id, true]);
    assert.equal((await chatter.say('too late'))['code'], 'chat_closed');
    await kai.ask('POST', `${KAI}/bans`, { user: zed.userId });
    assert.deepEqual((await server.ask('GET', path)).body.ev, []);
  });

  it('is replayed with what could not be written down at first, and ended when it ended', async () => {
    const { server, kai } = live;
    const { storage } = server.homeserver.services;
    const { id } = (await kai.ask('PUT', `${KAI}/session`, { status: 'live' })).body.session;
    await (await live.watch(zed)).say('not lost');
    const commit = storage.commit.bind(storage);
    let failures = 0;
    Object.assign(storage, {
      commit: (sets: WriteSet) => {
        if (sets.mutations.every(([name]) => name !== 'live.index.put')) return commit(sets);
        failures += 1;
        Object.assign(storage, { commit });
        return Promise.reject(new Error('the database is away'));
      },
    });
    const path = `${KAI}/sessions/${id}/replay?bucket=0`;
    assert.equal((await server.ask('GET', path)).status, 500);
    assert.equal(failures, 1);
    assert.ok(JSON.stringify((await server.ask('GET', path)).body).includes('not lost'));
    await kai.ask('PUT', `${KAI}/session`, { status: 'ended' });
    const ended = async () => (await server.ask('GET', `${KAI}/sessions`)).body.sessions[0].ended_at;
    const before = await ended();
    server.clock.advance(60_000);
    await kai.ask('PUT', `${KAI}/session`, { title: 'Thank you all' });
    assert.equal(await ended(), before);
  });

  it('is replayed as it was edited, with how many watched and wrote', async () => {
    const { server, kai } = live;
    const { id } = (await kai.ask('PUT', `${KAI}/session`, { status: 'live' })).body.session;
    const [chatter, streamer] = [await live.watch(zed), await live.watch(kai)];
    const session = `${KAI}/sessions/${id}`;
    const texts = async () =>
      (await server.ask('GET', `${session}/replay`)).body.ev.flatMap(({ tx }: JsonObject) =>
        tx === undefined ? [] : [tx],
      );
    const edit = (event: unknown, body: string, txn: string) =>
      zed.ask('PUT', `/v3/rooms/${live.roomId}/send/m.room.message/${txn}`, {
        ...{ msgtype: 'm.text', body: `* ${body}`, 'm.new_content': { msgtype: 'm.text', body } },
        'm.relates_to': { rel_type: 'm.replace', event_id: String(event) },
      });
    const said = await chatter.say('my address is 1 Main Street');
    server.clock.advance(1500);
    assert.equal((await edit(said['event_id'], 'never mind', 'a')).status, 200);
    assert.deepEqual(await texts(), ['never mind']);
    server.clock.advance(1500);
    await edit(said['event_id'], 'nothing', 'b');
    assert.deepEqual(await texts(), ['nothing'], 'what is written down is changed, too');
    await live.pass(30_000);
    await streamer.say('well');
    const heat = async () => (await server.ask('GET', `${session}/heat`)).body.heat;
    while ((await heat()).length < 2) await live.pass(1000);
    const [first, second] = await heat();
    assert.deepEqual([first.messages, second.messages, second.viewers], [1, 1, 2]);
    assert.equal((await server.ask('GET', `${KAI}/sessions/none/heat`)).status, 404);
  });

  it('has sessions that end when they are not heard of any more, that begin as announced, and that follow each other', async () => {
    const { server, kai } = live;
    const put = async (body: JsonObject) => (await kai.ask('PUT', `${KAI}/session`, body)).body;
    const status = async () => (await server.ask('GET', KAI)).body.status;
    const announced = (await put({ status: 'scheduled', scheduled_at: 1_900_000_000_000 })).session;
    const begun = (await put({ status: 'live', heartbeat: 30 })).session;
    assert.deepEqual([begun.id, begun.scheduled_at], [announced.id, 1_900_000_000_000]);
    for (let n = 0; n < 3; n++) {
      await live.pass(20_000);
      await put({ heartbeat: 30 });
    }
    assert.equal(await status(), 'live');
    await server.restart();
    await live.pass(45_000);
    assert.equal(await status(), 'live', 'after a start there is time to be heard of');
    await live.pass(20_000);
    while ((await status()) === 'live') await live.pass(1000);
    assert.equal(await status(), 'ended');
    // The log follows what is in it.
    const isLogged = async () =>
      (await kai.ask('GET', `${KAI}/modlog`)).body.entries.some(
        ({ action, by }: JsonObject) => action === 'session.ended' && by === '@_live:test.example',
      );
    while (!(await isLogged())) await live.pass(0);
    const next = (await put({ status: 'live', heartbeat: 30 })).session;
    assert.notEqual(next.id, begun.id);
    await put({ status: 'scheduled' });
    await live.pass(40_000);
    assert.equal(await status(), 'scheduled');
    const { sessions } = (await server.ask('GET', `${KAI}/sessions`)).body;
    assert.deepEqual(
      sessions.map(({ id, ended_at }: JsonObject) => [id, typeof ended_at]),
      [
        [next.id, 'number'],
        [begun.id, 'number'],
      ],
    );
  });

  it('is replayed without what somebody has said who was erased', async () => {
    const { server, kai } = live;
    const started = await kai.ask('PUT', `${KAI}/session`, { status: 'live' });
    const [leaves, stays] = [await live.watch(zed), await live.watch(kai)];
    for (let n = 0; n < 60; n++) {
      await leaves.say(`number ${n}`);
      server.clock.advance(2000);
    }
    const kept = await stays.say('nothing to hide');
    const said = async () => {
      const buckets = await Promise.all(
        [0, 1, 2, 3, 4].map((bucket) =>
          server.ask('GET', `${KAI}/sessions/${started.body.session.id}/replay?bucket=${bucket}`),
        ),
      );
      return buckets.flatMap(({ body }) => body.ev.flatMap(({ k, id }: JsonObject) => (k === 'm' ? [id] : [])));
    };
    assert.ok((await said()).length > 50);
    const auth = { type: 'm.login.password', user: 'zed', password: TEST_PASSWORD };
    assert.equal((await zed.ask('POST', '/v3/account/deactivate', { auth, erase: true })).status, 200);
    await server.homeserver.services.erasure.settled();
    assert.deepEqual(await said(), [kept['id']]);
  });

  it('opens for overlays by a key that reads one channel and nothing else', async () => {
    const { server, kai } = live;
    assert.equal((await zed.ask('POST', `${KAI}/overlay_keys`)).status, 403);
    const { key } = (await kai.ask('POST', `${KAI}/overlay_keys`)).body;
    const overlay = await live.watch(undefined, { overlay: key });
    assert.equal((await overlay.say('me too'))['code'], 'read_only');
    const chatter = await live.watch(zed);
    await chatter.say('!command');
    server.clock.advance(2000);
    const shown = await chatter.say('shown');
    await overlay.until(({ messages }) => messages.includes(shown['id']));
    assert.equal(overlay.entries('m').length, 1);
    await kai.ask('POST', `${LIVE}/channels`, { handle: 'lea', name: 'Lea' });
    const other = await live.watch(undefined, { overlay: key, subs: [{ ch: 'lea' }] });
    assert.equal(await other.closed(), 4004);
    await kai.ask('DELETE', `${KAI}/overlay_keys`);
    assert.equal(await (await live.watch(undefined, { overlay: key })).closed(), 4003);
  });

  it('moves to a new room with all who watch, and what binds them', async () => {
    const { server, kai } = live;
    await kai.ask('PATCH', `${KAI}/settings`, { settings: { slow: 60 } });
    const amy = await server.register('amy');
    await kai.ask('POST', `${KAI}/bans`, { user: amy.userId });
    const chatter = await live.watch(zed);
    const moved = await kai.ask('POST', `${KAI}/rollover`);
    assert.equal(moved.status, 200, JSON.stringify(moved.body));
    const isNew = (frame: JsonObject) => frame['op'] === 'joined' && frame['room'] === moved.body.room_id;
    await chatter.until(({ frames }) => frames.some(isNew));
    const { r } = chatter.frames.find(isNew)!;
    chatter.send({ op: 'send', i: 'x', r: r ?? null, txn: 'x', body: 'in the new room' });
    await chatter.until(({ frames }) => frames.some(({ i, op }) => i === 'x' && op === 'ok'));
    assert.equal((await amy.ask('GET', `${KAI}/me`)).body.why, 'banned');
    assert.equal((await server.ask('GET', KAI)).body.settings.slow, 60);
    const tombstone = (await kai.ask('GET', `/v3/rooms/${live.roomId}/state/m.room.tombstone`)).body;
    assert.equal(tombstone.replacement_room, moved.body.room_id);
  });

  it('tells everybody what an administrator has to say', async () => {
    const { server } = live;
    await server.homeserver.services.accounts.create({
      username: 'root',
      password: 'correct horse battery staple',
      isAdmin: true,
    });
    const root = await server.login('root');
    const anonymous = await live.watch();
    const body = { level: 'warning', text: 'Maintenance at noon', txn: '1' };
    assert.equal((await zed.ask('POST', `${LIVE}/system`, body)).status, 403);
    assert.equal((await root.ask('POST', `${LIVE}/system`, body)).status, 200);
    assert.deepEqual(await anonymous.frame('sys'), { op: 'sys', level: 'warning', text: 'Maintenance at noon' });
    const notice = { channel: 'kai', kind: 'sub', body: 'Zed subscribed', data: { months: 6 }, idempotency_key: 'k' };
    const [once, twice] = [
      await root.ask('POST', `${LIVE}/notices`, notice),
      await root.ask('POST', `${LIVE}/notices`, notice),
    ];
    assert.equal(once.body.event_id, twice.body.event_id);
    assert.deepEqual((await anonymous.entry('nt'))['nt'], { kind: 'sub', data: { months: 6 } });
  });

  it('knows messages by the names that viewers know', async () => {
    const { server } = live;
    const [chatter, anonymous] = [await live.watch(zed), await live.watch()];
    const said = await chatter.say('who asks?');
    server.clock.advance(2000);
    const answer = await chatter.ask('send', { body: 'I do', txn: 'answer', reply: said['id'] ?? null });
    await anonymous.until(({ messages }) => messages.includes(answer['id']));
    assert.deepEqual(
      anonymous.entries('m').map(({ id, re }) => [id, re]),
      [
        [said['id'], undefined],
        [answer['id'], said['id']],
      ],
    );
    const event = await zed.ask('GET', `/v3/rooms/${live.roomId}/event/${answer['event_id']}`);
    assert.deepEqual(event.body.content['m.relates_to'], { 'm.in_reply_to': { event_id: said['event_id'] } });
    server.clock.advance(2000);
    const lost = await chatter.ask('send', { body: 'and who?', txn: 'lost', reply: '$nothing123' });
    assert.deepEqual([lost['op'], lost['code']], ['err', 'M_NOT_FOUND']);
  });

  it('counts reactions to messages, for a board of what moved people', async () => {
    const { server } = live;
    const [chatter, anonymous] = [await live.watch(zed), await live.watch()];
    const said = await chatter.say('good question');
    await anonymous.ask('react', { k: '🔥', event: said['id'] ?? null });
    const { questions } = (await server.ask('GET', `${KAI}/questions`)).body;
    assert.deepEqual(questions, [{ id: said['id'], u: zed.userId, tx: 'good question', count: 1 }]);
  });
});

type Wait = (isEnough: (text: string) => boolean) => Promise<string>;

async function readEvents(
  url: string,
  headers: Record<string, string>,
  use: (wait: Wait) => Promise<string>,
): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  assert.match(response.headers.get('content-type') ?? '', /text\/event-stream/);
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const wait: Wait = async (isEnough) => {
    while (!isEnough(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    return text;
  };
  try {
    return await use(wait);
  } finally {
    stop.abort();
  }
}
