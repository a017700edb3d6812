import { strict as assert } from 'node:assert';
import { createHmac } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { type Homeserver, launchHomeserver } from '../clients/support/launch.ts';

const SHARED_SECRET = 'secret of the test';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * One server, started from environment variables alone and without those for federation, as a compliance suite does.
 * The steps build on one another.
 */
describe('A homeserver started by its contract', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let token = '';
  let roomId = '';
  let since = '';

  before(async () => {
    homeserver = await launchHomeserver();
  });
  after(() => homeserver?.remove());

  async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const response = await fetch(`${homeserver.baseUrl}${path}`, {
      method,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const json: unknown = await response.json();
    return { status: response.status, body: json as Answer['body'] };
  }

  async function ok(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await call(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  /** What each message of the room in a sync's answer says. */
  function texts(sync: Answer['body']): string[] {
    const { rooms } = sync as {
      rooms?: { join?: Record<string, { timeline: { events: { content: { body?: string } }[] } }> };
    };
    return (rooms?.join?.[roomId]?.timeline.events ?? []).flatMap(({ content }) => content.body ?? []);
  }

  const send = (text: string, transaction: string) =>
    ok('PUT', `/_matrix/client/v3/rooms/${roomId}/send/m.room.message/${transaction}`, {
      msgtype: 'm.text',
      body: text,
    });

  const sync = async (timeout = 0) => {
    const from = since === '' ? '' : `&since=${since}`;
    const body = await ok('GET', `/_matrix/client/v3/sync?timeout=${timeout}${from}`);
    since = String(body['next_batch']);
    return body;
  };

  it('answers which versions it speaks', async () => {
    const { versions } = await ok('GET', '/_matrix/client/versions');
    assert.ok(Array.isArray(versions) && versions.includes('v1.19'));
  });

  it('registers with the dummy stage in the first request', async () => {
    const request = { username: 'alice', password: 'pw', auth: { type: 'm.login.dummy' } };
    const body = await ok('POST', '/_matrix/client/v3/register', request);
    assert.equal(body['user_id'], '@alice:localhost');
    token = String(body['access_token']);
  });

  it('registers an administrator with the shared secret', async () => {
    const { nonce } = await ok('GET', '/_synapse/admin/v1/register');
    const parts = [nonce, 'admin', 'pw', 'admin'].join('\0');
    const mac = createHmac('sha1', SHARED_SECRET).update(parts).digest('hex');
    const request = { nonce, username: 'admin', password: 'pw', admin: true, mac };
    assert.equal((await ok('POST', '/_synapse/admin/v1/register', request))['user_id'], '@admin:localhost');
  });

  it('makes a room and sends a message, which sync shows', async () => {
    roomId = String((await ok('POST', '/_matrix/client/v3/createRoom', { preset: 'public_chat' }))['room_id']);
    await send('before', 't1');
    assert.deepEqual(texts(await sync()), ['before']);
  });

  it('keeps its data in the folder it was given', () => {
    const names = readdirSync(homeserver.dataDir);
    assert.ok(names.includes('signing.key') && names.includes('homeserver.yaml'), names.join(' '));
    assert.equal(statSync(`${homeserver.dataDir}/signing.key`).mode & 0o777, 0o600);
  });

  it('has everything after it was stopped and started again', async () => {
    await homeserver.stop();
    await homeserver.start();
    assert.equal((await ok('GET', '/_matrix/client/v3/account/whoami'))['user_id'], '@alice:localhost');
    await send('after', 't2');
    assert.deepEqual(texts(await sync()), ['after']);
  });

  it('answers nothing while it is paused, and goes on afterwards', async () => {
    homeserver.signal('SIGSTOP');
    const pending = call('GET', '/_matrix/client/versions');
    const first = await Promise.race([pending, new Promise((resolve) => setTimeout(resolve, 300, 'nothing'))]);
    homeserver.signal('SIGCONT');
    assert.equal(first, 'nothing');
    assert.equal((await pending).status, 200);
  });

  it('ends a waiting sync and itself when it is stopped', async () => {
    const waiting = call('GET', `/_matrix/client/v3/sync?timeout=30000&since=${since}`);
    await ok('GET', '/_matrix/client/versions');
    const begun = Date.now();
    await homeserver.stop();
    assert.ok(Date.now() - begun < 10_000);
    assert.equal((await waiting).status, 200);
  });
});
