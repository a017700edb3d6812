import assert from 'node:assert/strict';
import { platformSignature } from '../../../src/live/services/platform.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, LIVE, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

const SECRET = 'a secret that is longer than thirty-two characters';

/** Point 15: endpoints of the platform have credentials of their own, none counts twice, and all may be said again. */
describe('the platform around live rooms', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let zed: TestUser;
  let nonces = 0;
  beforeEach(async () => {
    live = await startLiveHomeserver({ live: { platform_secret: SECRET } });
    zed = await live.server.register('zed');
  });
  afterEach(() => live.stop());

  interface Request {
    readonly method: string;
    readonly path: string;
    readonly headers: { readonly authorization: string; readonly 'content-type': string };
    readonly body: string;
  }

  function signed(
    method: string,
    path: string,
    json: JsonObject,
    more: { ts?: number; secret?: string } = {},
  ): Request {
    const { ts = live.server.clock.now(), secret = SECRET } = more;
    nonces += 1;
    const [nonce, body] = [`a-nonce-${nonces}`, JSON.stringify(json)];
    const target = `/_matrix/client${path}`;
    const sig = platformSignature(secret, String(ts), nonce, { method, target, body: Buffer.from(body) });
    const authorization = `Platform ts=${ts},nonce=${nonce},sig=${sig}`;
    return { method, path, headers: { authorization, 'content-type': 'application/json' }, body };
  }

  async function send({ method, path, headers, body }: Request): Promise<{ status: number; body: JsonObject }> {
    const answer = await fetch(`${live.server.url}/_matrix/client${path}`, { method, headers, body });
    return { status: answer.status, body: (await answer.json()) as JsonObject };
  }
  const ask = (method: string, path: string, json: JsonObject) => send(signed(method, path, json));

  it('makes channels for streamers, starts and ends their streams, and says what happened there', async () => {
    const made = await ask('POST', `${LIVE}/channels`, { streamer: zed.userId, handle: 'zed', name: 'Zed' });
    assert.deepEqual([made.status, made.body['creator']], [200, zed.userId], JSON.stringify(made.body));
    const channel = `${LIVE}/channels/zed`;
    const begun = await ask('PUT', `${channel}/session`, { status: 'live', title: 'Speedrun', heartbeat: 60 });
    assert.deepEqual([begun.status, begun.body['status']], [200, 'live'], JSON.stringify(begun.body));
    assert.equal((await zed.ask('PUT', `${channel}/session`, { title: 'Mine' })).status, 200);
    const notice = { channel: 'zed', kind: 'sub', body: 'Amy subscribed', idempotency_key: 'k' };
    const [once, twice] = [await ask('POST', `${LIVE}/notices`, notice), await ask('POST', `${LIVE}/notices`, notice)];
    assert.equal(once.body['event_id'], twice.body['event_id']);
    assert.equal((await ask('POST', `${LIVE}/system`, { level: 'info', text: 'Maintenance', txn: '1' })).status, 200);
    const nameless = await ask('POST', `${LIVE}/channels`, { name: 'Nobody' });
    assert.equal(nameless.body['errcode'], 'M_MISSING_PARAM');
  });

  it('deletes the replay of a session with its video, and may say so again', async () => {
    const { id } = (await live.kai.ask('PUT', `${KAI}/session`, { status: 'live' })).body.session;
    await (await live.watch(zed)).say('on the record');
    const session = `${KAI}/sessions/${id}`;
    assert.equal((await ask('DELETE', session, {})).status, 403, 'it goes on');
    await live.kai.ask('PUT', `${KAI}/session`, { status: 'offline' });
    assert.ok(JSON.stringify((await zed.ask('GET', `${session}/replay`)).body).includes('on the record'));
    assert.equal((await zed.ask('DELETE', session)).status, 403);
    assert.equal((await ask('DELETE', session, {})).status, 200);
    assert.equal((await ask('DELETE', session, {})).status, 200);
    assert.equal((await zed.ask('GET', `${session}/replay`)).status, 404);
    assert.deepEqual((await zed.ask('GET', `${KAI}/sessions`)).body.sessions, []);
    await live.server.restart();
    assert.equal((await zed.ask('GET', `${session}/replay`)).status, 404);
  });

  it('is believed by its signature alone: once, in time, and for what it has signed', async () => {
    const path = `${KAI}/session`;
    const request = signed('PUT', path, { title: 'One' });
    assert.equal((await send(request)).status, 200);
    assert.equal((await send(request)).status, 403, 'the same again');
    const fresh = () => signed('PUT', path, { title: 'Two' });
    const forged: readonly Request[] = [
      { ...fresh(), body: JSON.stringify({ title: 'Three' }) },
      { ...fresh(), path: `${LIVE}/channels/kai/session?x=1` },
      signed('PUT', path, { title: 'Two' }, { secret: 'another secret' }),
      signed('PUT', path, { title: 'Two' }, { ts: live.server.clock.now() + 301_000 }),
      {
        ...fresh(),
        headers: { ...fresh().headers, authorization: `Platform ts=1,nonce=abcdefgh,sig=${'a'.repeat(43)}` },
      },
    ];
    for (const [index, each] of forged.entries()) assert.equal((await send(each)).status, 403, String(index));
    const late = fresh();
    live.server.clock.advance(301_000);
    assert.equal((await send(late)).status, 403, 'too late');
    const early = fresh();
    live.server.clock.advance(1000);
    await live.server.restart();
    assert.equal((await send(early)).status, 403, 'it may have counted before the restart');
    assert.equal((await live.server.ask('GET', KAI)).body.title, 'One');
    assert.equal(
      (await send({ ...fresh(), headers: { ...fresh().headers, authorization: 'Platform x' } })).status,
      401,
    );
  });

  it('is nobody else: not who has no account, nor who has one', async () => {
    const notice = { channel: 'kai', kind: 'sub', body: 'I am rich', idempotency_key: 'z' };
    assert.equal((await live.server.ask('POST', `${LIVE}/notices`, { body: notice })).status, 401);
    assert.equal((await zed.ask('POST', `${LIVE}/notices`, notice)).status, 403);
    assert.equal((await zed.ask('PUT', `${KAI}/session`, { title: 'Mine' })).status, 403);
    const own = { streamer: live.kai.userId, name: 'Not mine' };
    assert.equal((await zed.ask('POST', `${LIVE}/channels`, own)).status, 403);
  });
});
