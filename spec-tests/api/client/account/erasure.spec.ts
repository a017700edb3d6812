import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestFederation } from '../../../support/test-federation.ts';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

const auth = (user: string) => ({ type: 'm.login.password', user, password: TEST_PASSWORD });
const erase = (user: TestUser, name = 'alice') =>
  user.ask('POST', '/v3/account/deactivate', { auth: auth(name), erase: true });
const create = async (user: TestUser, body: object = {}) =>
  (await user.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
const join = (user: TestUser, room: string, via = '') => user.ask('POST', `/v3/join/${room}${via}`, {});
let transactions = 0;
const send = async (user: TestUser, room: string, content: object): Promise<string> => {
  transactions += 1;
  return (await user.ask('PUT', `/v3/rooms/${room}/send/m.room.message/${transactions}`, content)).body.event_id;
};
const say = (user: TestUser, room: string, body: string) => send(user, room, { msgtype: 'm.text', body });

describe('Erasing a user', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  beforeEach(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  afterEach(() => server.stop());

  const messages = async (user: TestUser, room: string): Promise<Map<string, { content: { body?: string } }>> => {
    const { chunk } = (await user.ask('GET', `/v3/rooms/${room}/messages?dir=b&limit=100`)).body;
    return new Map(chunk.map((event: { event_id: string }) => [event.event_id, event]));
  };

  it('hides what they have said from those who come later, and from nobody else', async () => {
    const room = await create(alice, { name: 'The room' });
    await join(bob, room);
    const secret = await say(alice, room, 'a secret');
    const answer = await send(bob, room, { msgtype: 'm.text', body: 'an answer' });
    const thread = { 'm.relates_to': { rel_type: 'm.thread', event_id: answer } };
    const inThread = await send(alice, room, { msgtype: 'm.text', body: 'in a thread', ...thread });
    const edit = { 'm.relates_to': { rel_type: 'm.replace', event_id: secret } };
    const edited = {
      msgtype: 'm.text',
      body: '* worse',
      'm.new_content': { msgtype: 'm.text', body: 'worse' },
      ...edit,
    };
    await send(alice, room, edited);
    await erase(alice);
    await server.homeserver.services.departures.settled();
    const carol = await server.register('carol');
    await join(carol, room);

    for (const restarted of [false, true]) {
      if (restarted) await server.restart();
      const [old, late] = [await messages(bob, room), await messages(carol, room)];
      deepStrictEqual([old.get(secret)?.content.body, old.get(inThread)?.content.body], ['a secret', 'in a thread']);
      deepStrictEqual([late.get(secret)?.content, late.get(inThread)?.content], [{}, {}]);
      strictEqual(late.get(answer)?.content.body, 'an answer');
      for (const text of ['secret', 'worse', 'in a thread']) {
        strictEqual(JSON.stringify([...late.values()]).includes(text), false, text);
      }
      const sync = (await carol.ask('GET', '/v3/sync')).body.rooms.join[room];
      strictEqual(/secret|worse|in a thread/.test(JSON.stringify(sync)), false);
      strictEqual((await carol.ask('GET', `/v3/rooms/${room}/state/m.room.name`)).body.name, 'The room');
      for (const path of [`event/${secret}`, `context/${answer}`]) {
        const { status, body } = await carol.ask('GET', `/v3/rooms/${room}/${path}`);
        deepStrictEqual([status, /secret|worse|in a thread/.test(JSON.stringify(body))], [200, false], path);
      }
      const threads = await carol.ask('GET', `/v1/rooms/${room}/threads`);
      deepStrictEqual([threads.body.chunk.length, JSON.stringify(threads.body).includes('in a thread')], [1, false]);
      strictEqual((await bob.ask('GET', `/v3/rooms/${room}/event/${secret}`)).body.content.body, 'a secret');
    }
  });

  it('makes what they have said no longer findable, and deletes their files, also after a stop', async () => {
    const room = await create(alice);
    await join(bob, room);
    await say(alice, room, 'unicorns');
    await say(bob, room, 'unicorns too');
    const upload = async (user: TestUser) =>
      (await user.ask('POST', '/_matrix/media/v3/upload?filename=x.txt', 'some text')).body.content_uri.slice(6);
    const [hers, his] = [await upload(alice), await upload(bob)];
    const found = async () => {
      const body = { search_categories: { room_events: { search_term: 'unicorns' } } };
      return (await bob.ask('POST', '/v3/search', body)).body.search_categories.room_events.count;
    };
    const download = async (file: string) => (await bob.ask('GET', `/v1/media/download/${file}`)).status;
    deepStrictEqual([await found(), await download(hers), await download(his)], [2, 200, 200]);
    await server.homeserver.services.erasure.stop();
    await erase(alice);
    strictEqual(await download(hers), 200);
    await server.restart();
    await server.homeserver.services.erasure.settled();
    deepStrictEqual([await found(), await download(hers), await download(his)], [1, 404, 200]);
    const { storage } = server.homeserver.services;
    deepStrictEqual(await storage.read((tx) => tx.accounts.erasing()), []);
  });

  it('leaves files and messages of those who are deactivated only', async () => {
    const room = await create(alice);
    const secret = await say(alice, room, 'no secret');
    await join(bob, room);
    await alice.ask('POST', '/v3/account/deactivate', { auth: auth('alice'), erase: false });
    await server.homeserver.services.departures.settled();
    const carol = await server.register('carol');
    await join(carol, room);
    strictEqual((await messages(carol, room)).get(secret)?.content.body, 'no secret');
  });
});

describe('Deactivating an account', () => {
  let server: TestHomeserver;
  before(async () => {
    server = await startTestHomeserver();
  });
  after(() => server.stop());

  it('deletes keys, their backups, pushers, account data and addresses', async () => {
    const alice = await server.register('alice');
    const ask = (method: string, path: string, body: object) => alice.ask(method, path, body);
    await ask('PUT', `/v3/user/${alice.userId}/account_data/x`, { a: 1 });
    await ask('POST', '/v3/pushers/set', {
      ...{ kind: 'http', app_id: 'app', pushkey: 'key', app_display_name: 'App', device_display_name: 'Phone' },
      ...{ lang: 'en', data: { url: 'https://push.example.org/_matrix/push/v1/notify' } },
    });
    const backup = {
      algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2',
      auth_data: { public_key: 'x', signatures: {} },
    };
    strictEqual((await ask('POST', '/v3/room_keys/version', backup)).status, 200);
    await ask('POST', '/v3/account/deactivate', { auth: auth('alice') });
    const left = await server.homeserver.services.storage.read(async (tx) => [
      await tx.devices.of(alice.userId),
      await tx.pushers.ofUser(alice.userId),
      await tx.crossSigning.keysOf([alice.userId]),
      await tx.thirdPartyIds.ofUser(alice.userId),
      await tx.keyBackup.versions(alice.userId),
    ]);
    deepStrictEqual(left, [[], [], [], [], []]);
  });
});

describe('Erasing a user of a room with other servers', () => {
  it('gives servers that come later redacted copies', async function () {
    const federation = await startTestFederation(this, 2);
    try {
      const [here, there] = [federation.servers[0]!, federation.servers[1]!];
      const alice = await here.register('alice');
      const carol = await here.register('carol');
      const room = await create(carol);
      await join(alice, room);
      const secret = await say(alice, room, 'a secret');
      const open = await say(carol, room, 'no secret');
      await erase(alice);
      await here.homeserver.services.departures.settled();
      const bob = await there.register('bob');
      const via = `?via=${encodeURIComponent(here.serverName)}`;
      strictEqual((await join(bob, room, via)).status, 200);
      const { chunk } = (await bob.ask('GET', `/v3/rooms/${room}/messages?dir=b&limit=100`)).body;
      const contentOf = (id: string) => chunk.find(({ event_id }: { event_id: string }) => event_id === id)?.content;
      deepStrictEqual([contentOf(secret), contentOf(open)?.body], [{}, 'no secret']);
    } finally {
      await federation.stop();
    }
  });
});
