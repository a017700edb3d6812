import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { LiveClient, type LiveClientOptions, LiveError } from '../../../src/live/client/live-client.ts';
import { Outbox } from '../../../src/live/client/outbox.ts';
import { ScriptedGateway } from './scripted-gateway.ts';

describe('the connections of a client of live rooms', function () {
  this.timeout(20_000);
  let gateway: ScriptedGateway;
  const clients: LiveClient[] = [];

  const connect = (options: Partial<LiveClientOptions> = {}) => {
    const client = new LiveClient({
      ...{ gateway: gateway.url, WebSocket, ticket: async () => 'ticket' },
      fetch: () => Promise.reject(new TypeError('no network')),
      ...options,
    });
    clients.push(client);
    return client;
  };
  const cut = (client: LiveClient) =>
    new Promise<{ code: number; goesOn: boolean }>((resolve) => {
      const off = client.on('cut', (what) => {
        off();
        resolve(what);
      });
    });

  beforeEach(async () => {
    gateway = await ScriptedGateway.start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await gateway.close();
  });

  for (const code of [4000, 4006, 4009, 4010, 4011, 4012, 4013]) {
    it(`comes back after ${code}, where it was and as who it was`, async () => {
      const client = connect();
      client.subscribe('kai');
      const first = await gateway.caller(0);
      assert.deepEqual([first.hello['ticket'], first.hello['resume']], ['ticket', undefined]);
      const was = cut(client);
      first.tell({ op: 't', r: 1, p: 0, q: 2, ev: [] });
      first.tell({ op: 'bye', code, resume: true, retry_ms: 20 });
      first.close(code);
      assert.deepEqual(await was, { code, goesOn: true });
      const { hello } = await gateway.caller(1);
      assert.deepEqual([hello['resume'], hello['ticket']], ['secret', undefined]);
      assert.deepEqual(hello['subs'], [{ ch: 'kai', epoch: 'e', seq: 2 }]);
    });
  }

  for (const code of [4001, 4002, 4004, 4007, 4014]) {
    it(`does not come back after ${code}, and says so`, async () => {
      const client = connect();
      const channel = client.subscribe('kai');
      const refusal = new Promise<string>((resolve) => channel.on('refused', (error) => resolve(error.code)));
      const was = cut(client);
      (await gateway.caller(0)).close(code);
      assert.deepEqual(await was, { code, goesOn: false });
      assert.equal(await refusal, String(code));
      assert.equal(client.state, 'closed');
    });
  }

  it('comes back with a new ticket where a secret is not good any more, and as nobody where tickets are not either', async () => {
    gateway.onHello = (caller) => {
      if (caller === gateway.callers[0]) caller.letIn();
      else if (caller.hello['ticket'] || caller.hello['resume']) caller.close(4003);
      else caller.letIn();
    };
    const client = connect();
    client.on('cut', () => queueMicrotask(() => client.connect()));
    client.subscribe('kai');
    (await gateway.caller(0)).close(4010);
    await gateway.until(() =>
      gateway.callers.some(({ said, hello }) => said.length > 0 && !hello['ticket'] && !hello['resume']),
    );
    const shown = gateway.callers.map(({ hello }) => hello['ticket'] ?? hello['resume'] ?? 'nobody');
    assert.deepEqual(shown.slice(0, 3), ['ticket', 'secret', 'ticket']);
    assert.equal(shown.at(-1), 'nobody');
  });

  it('does not show the key of an overlay again that was taken back', async () => {
    gateway.onHello = (caller) => caller.close(4003);
    const client = connect({ overlayKey: 'key' });
    const was = cut(client);
    client.subscribe('kai');
    assert.deepEqual(await was, { code: 4003, goesOn: false });
  });

  it('connects six times a minute at most, also where it is sent away as soon as it is in', async () => {
    gateway.onHello = (caller) => {
      caller.letIn();
      caller.close(4000);
    };
    const client = connect();
    client.subscribe('kai');
    for (let n = 0; n < 6; n++) {
      await cut(client);
      if (n < 5) client.connect();
    }
    // Otherwise it would be back within a second.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    assert.equal(gateway.callers.length, 6);
    assert.equal(client.state, 'waiting');
  });

  describe('in a browser', () => {
    const around = globalThis as { document?: object; addEventListener?: unknown };
    let page: EventTarget & { hidden?: boolean };
    let network: EventTarget;

    beforeEach(() => {
      [page, network] = [new EventTarget(), new EventTarget()];
      around.document = page;
      around.addEventListener = network.addEventListener.bind(network);
    });
    afterEach(() => {
      delete around.document;
      delete around.addEventListener;
    });

    it('comes back as soon as the network does', async () => {
      const client = connect();
      client.subscribe('kai');
      const first = await gateway.caller(0);
      const was = cut(client);
      first.tell({ op: 'bye', code: 4010, retry_ms: 60_000 });
      first.close(4010);
      await was;
      network.dispatchEvent(new Event('online'));
      await gateway.caller(1);
    });

    it('looks whether its connection is there when the page is looked at again, and leaves no listener behind', async () => {
      const client = connect();
      client.subscribe('kai');
      const caller = await gateway.caller(0);
      await new Promise<void>((resolve) =>
        client.state === 'open' ? resolve() : client.on('state', () => client.state === 'open' && resolve()),
      );
      page.hidden = true;
      page.dispatchEvent(new Event('visibilitychange'));
      page.hidden = false;
      page.dispatchEvent(new Event('visibilitychange'));
      await gateway.until(() => caller.said.length > 1);
      assert.deepEqual(caller.said.slice(1), [{ op: 'unsub', i: 0, ch: '-' }]);
      client.close();
      network.dispatchEvent(new Event('online'));
      assert.equal(client.state, 'closed');
    });
  });

  it('becomes somebody, somebody else and nobody, and misses nothing', async () => {
    const client = connect({ ticket: async () => undefined });
    client.subscribe('kai');
    gateway.onHello = (caller) => caller.letIn(caller.hello['ticket'] ? 'of-somebody-else' : '');
    const first = await gateway.caller(0);
    await new Promise<void>((resolve) => (client.state === 'open' ? resolve() : client.on('state', () => resolve())));
    const signedIn = client.signIn('one');
    await gateway.until(() => first.said.length > 1);
    assert.equal(first.said[1]?.['ticket'], 'one');
    first.tell({ op: 'ok', i: first.said[1]?.['i'] ?? 0, resume: 'of-somebody' });
    await signedIn;
    first.tell({ op: 't', r: 1, p: 0, q: 3, ev: [], a: {} });
    await new Promise<void>((resolve) => client.subscribe('kai').on('counts', () => resolve()));
    await client.signIn('two');
    const second = await gateway.caller(1);
    assert.deepEqual([second.hello['ticket'], second.hello['subs']], ['two', [{ ch: 'kai', epoch: 'e', seq: 3 }]]);
    client.signOut();
    const third = await gateway.caller(2);
    assert.deepEqual([third.hello['ticket'], third.hello['resume']], [undefined, undefined]);
  });

  it('tells what concerns one person or everybody, and what goes on in the channel', async () => {
    const client = connect();
    const channel = client.subscribe('kai');
    const heard: unknown[] = [];
    const note = (name: string) => (value: unknown) => heard.push([name, value]);
    client.on('system', note('system'));
    for (const name of ['held', 'you', 'skipped', 'moved', 'raid', 'lane', 'counts'] as const) {
      channel.on(name, note(name));
    }
    const caller = await gateway.caller(0);
    const you = { role: 'viewer', badges: [], can: false, why: 'warned', warning: 'Be kind' };
    caller.tell({ op: 'sys', level: 'info', text: 'Hello' });
    caller.tell({ op: 'held', ch: 'kai', hid: 'h1', state: 'pending' });
    caller.tell({ op: 'me', r: 1, you });
    caller.tell({ op: 'mt', r: 1, q: 4, ev: [{ s: 4, k: 'held', hid: 'h1' }] });
    const ev = [
      { k: 'rd', to: 'lea', at: 9 },
      { k: 'sw', room: '!other:s' },
    ];
    caller.tell({ op: 't', r: 1, p: 0, q: 2, ev, a: { v: 7 }, sk: 3 });
    await new Promise<void>((resolve) => channel.on('skipped', () => resolve()));
    assert.deepEqual(heard, [
      ['system', { op: 'sys', level: 'info', text: 'Hello' }],
      ['held', { op: 'held', ch: 'kai', hid: 'h1', state: 'pending' }],
      ['you', you],
      ['lane', { s: 4, k: 'held', hid: 'h1' }],
      ['raid', { k: 'rd', to: 'lea', at: 9, s: 1 }],
      ['moved', { k: 'sw', room: '!other:s', s: 2 }],
      ['counts', { v: 7 }],
      ['skipped', 3],
    ]);
    assert.deepEqual(channel.position, { ch: 'kai', epoch: 'e', seq: 2, mseq: 4 });
  });

  it('goes on where a listener throws, and leaves that to whoever listens for what nobody has caught', async () => {
    const channel = connect().subscribe('kai');
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    try {
      const uncaught = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
      channel.on('snapshot', () => {
        throw new Error('of the page');
      });
      const heard = new Promise<void>((resolve) => channel.on('delete', () => resolve()));
      const caller = await gateway.caller(0);
      caller.tell({ op: 't', r: 1, p: 0, q: 1, ev: [{ k: 'd', id: '$1' }] });
      await heard;
      assert.equal((await uncaught).message, 'of the page');
    } finally {
      for (const listener of before) process.on('uncaughtException', listener);
    }
  });

  it('counts reactions of several kinds, and tells no more than the gateway takes', async () => {
    const channel = connect().subscribe('kai');
    const caller = await gateway.caller(0);
    await new Promise<void>((resolve) => channel.on('joined', () => resolve()));
    for (let n = 0; n < 15; n++) for (const key of ['🔥', '❤']) channel.react(key);
    channel.react('🔥', '$message');
    await gateway.until(() => caller.said.length > 3);
    assert.deepEqual(caller.said.slice(1), [
      { op: 'react', k: '🔥', c: 10, r: 1 },
      { op: 'react', k: '❤', c: 10, r: 1 },
      { op: 'react', k: '🔥', c: 1, event: '$message', r: 1 },
    ]);
  });

  it('says how many messages wait, and gives up what could not be sent in time', async () => {
    const counts: number[] = [];
    const errorOf = (code: string, message: string) => new LiveError(code, message);
    const changed = (waiting: number) => counts.push(waiting);
    const outbox = new Outbox({ transmit: () => undefined, tell: () => false, errorOf, changed }, 20);
    const sent = [outbox.add('one', {}), outbox.add('two', { txn: 'mine' })];
    assert.deepEqual(counts, [1, 2]);
    for (const each of sent) await assert.rejects(each, { code: 'expired' });
    assert.deepEqual(counts, [1, 2, 1, 0]);
    for (let n = 0; n < 50; n++) outbox.add(`line ${n}`, {}).catch(() => undefined);
    await assert.rejects(outbox.add('too much', {}), { code: 'too_many' });
  });
});
