import assert from 'node:assert/strict';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, LIVE, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

const SITE = 'https://site.example';
const MINUTE_MS = 60_000;

describe('passes, for who chats where no WebSocket gets through', () => {
  let live: LiveHomeserver;
  let zed: TestUser;

  beforeEach(async () => {
    live = await startLiveHomeserver();
    zed = await live.server.register('zed');
  });
  afterEach(() => live.stop());

  const ask = async (method: string, path: string, headers: Record<string, string>, body?: object) => {
    const answer = await fetch(`${live.server.url}/_matrix/client${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };
  const from = (origin: string, pass?: string): Record<string, string> => ({
    ...(origin !== '' && { origin }),
    ...(pass && { authorization: `Live ${pass}` }),
  });
  const ticket = async (origin = SITE) => {
    const authorization = `Bearer ${zed.accessToken}`;
    return (await ask('POST', `${LIVE}/ticket`, { origin, authorization })).body['ticket'];
  };
  const passFor = async (shown: object, origin = SITE, channel = KAI) =>
    ask('POST', `${channel}/pass`, from(origin), shown);
  const pass = async () => String((await passFor({ ticket: await ticket() })).body['pass']);
  let said = 0;
  const say = async (shown: string, origin = SITE, channel = KAI) => {
    said += 1;
    live.server.clock.advance(1500);
    return ask('POST', `${channel}/frames`, from(origin, shown), { op: 'send', txn: `t${said}`, body: `line ${said}` });
  };

  it('stand for somebody in chatting, voting and reading, for a ticket that is used by that', async () => {
    const shown = await ticket();
    const { status, body } = await passFor({ ticket: shown });
    assert.deepEqual([status, body['expires_in_ms']], [200, 10 * MINUTE_MS]);
    assert.equal((await say(body['pass']!)).body['op'], 'ok');
    const standing = await ask('GET', `${KAI}/me`, from(SITE, body['pass']));
    assert.deepEqual([standing.status, standing.body['role']], [200, 'viewer']);
    assert.equal((await passFor({ ticket: shown })).status, 401);
  });

  it('are good in one channel, and for pages of the origin that got them', async () => {
    await live.kai.ask('POST', `${LIVE}/channels`, { handle: 'lea', name: 'Lea' });
    const shown = await pass();
    const lea = `${LIVE}/channels/lea`;
    for (const [origin, channel] of [
      [SITE, lea],
      ['https://other.example', KAI],
    ] as const) {
      const { status, body } = await say(shown, origin, channel);
      assert.deepEqual([status, body['errcode']], [401, 'M_UNKNOWN_TOKEN']);
    }
    // Browsers do not say where a page is from that reads from its own server.
    const read = await ask('GET', `${KAI}/me`, { authorization: `Live ${shown}` });
    assert.equal(read.status, 200);
    const wrote = await ask('POST', `${KAI}/frames`, { authorization: `Live ${shown}` }, { op: 'ack' });
    assert.equal(wrote.status, 401);
  });

  it('are over after some minutes, and got anew for what is good still', async () => {
    const first = await passFor({ ticket: await ticket() });
    live.server.clock.advance(8 * MINUTE_MS);
    const second = await passFor({ pass: first.body['pass'] });
    live.server.clock.advance(8 * MINUTE_MS);
    assert.equal((await say(first.body['pass']!)).status, 401);
    assert.equal((await say(second.body['pass']!)).status, 200);
    assert.equal((await passFor({ pass: first.body['pass'] })).status, 401);
    const third = await passFor({ resume: second.body['resume'] });
    assert.equal(third.status, 200);
    assert.equal((await passFor({ resume: second.body['resume'] })).status, 401, 'a secret is good once');
    assert.equal((await passFor({})).status, 400);
  });

  it('let somebody go on by a WebSocket once one gets through', async () => {
    const { body } = await passFor({ ticket: (await zed.ask('POST', `${LIVE}/ticket`)).body.ticket }, '');
    const viewer = await live.watch(undefined, { resume: body['resume']! });
    const { you } = await viewer.frame('joined');
    assert.equal((you as { can: boolean }).can, true);
  });

  it('end with a logout, and do no more than their holder may', async () => {
    const shown = await pass();
    await live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60 });
    assert.deepEqual((await say(shown)).body['code'], 'timed_out');
    const cleared = await ask('POST', `${KAI}/frames`, from(SITE, shown), { op: 'mod', do: 'clear' });
    assert.equal(cleared.body['code'], 'M_FORBIDDEN');
    await zed.ask('POST', '/v3/logout', {});
    assert.equal((await say(shown)).status, 401);
    assert.equal((await passFor({ pass: shown })).status, 401);
  });

  it('open the channel where it is for members alone, to members', async () => {
    await live.kai.ask('PUT', `${KAI}/session`, { viewers: 'members' });
    const shown = await pass();
    assert.equal((await ask('GET', `${KAI}/snapshot`, from(SITE, shown))).status, 404);
    await live.kai.ask('POST', `/v3/rooms/${live.roomId}/invite`, { user_id: zed.userId });
    await zed.ask('POST', `/v3/join/${encodeURIComponent(live.roomId)}`, {});
    assert.equal((await ask('GET', `${KAI}/snapshot`, from(SITE, shown))).status, 200);
    assert.equal((await ask('GET', `${KAI}/snapshot`, {})).status, 404);
  });

  it('are the same for a local file, whose origin browsers name in two ways', async () => {
    const { status, body } = await passFor({ ticket: await ticket('null') }, 'file://');
    assert.equal(status, 200);
    assert.equal((await say(body['pass']!, 'null')).body['op'], 'ok');
  });
});
