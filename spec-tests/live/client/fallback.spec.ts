import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import {
  LiveClient,
  type LiveClientOptions,
  type LiveMessage,
  type Transport,
} from '../../../src/live/client/live-client.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import {
  gatewayUrl,
  KAI,
  LIVE,
  type LiveHomeserver,
  type LiveViewer,
  startLiveHomeserver,
} from '../end-to-end/live-homeserver.ts';

describe('the client of live rooms where no WebSocket gets through', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let zed: TestUser;
  let chatter: LiveViewer;
  let client: LiveClient;
  /** What the network lets through. */
  let passes: Set<Transport>;
  let streams: AbortController[];
  let sockets: WebSocket[];
  let messages: string[];
  let wake: () => void;

  beforeEach(async () => {
    live = await startLiveHomeserver();
    zed = await live.server.register('zed');
    chatter = await live.watch(zed);
    passes = new Set(['events', 'poll']);
    streams = [];
    sockets = [];
    messages = [];
    wake = () => undefined;
  });
  afterEach(async () => {
    client.close();
    await live.stop();
  });

  class Socket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(passes.has('socket') ? url : 'ws://127.0.0.1:9/', protocols);
      sockets.push(this);
    }
  }
  const through: typeof fetch = (url, init) => {
    const way = String(url).includes('/events?') ? 'events' : 'poll';
    if (!passes.has(way)) return Promise.reject(new TypeError('blocked'));
    if (way === 'poll') return fetch(url, init);
    const cut = new AbortController();
    streams.push(cut);
    init?.signal?.addEventListener('abort', () => cut.abort());
    return fetch(url, { ...init, signal: cut.signal });
  };
  const watch = (options: Partial<LiveClientOptions> = {}) => {
    client = new LiveClient({ gateway: gatewayUrl(live.server), WebSocket: Socket, fetch: through, ...options });
    const channel = client.subscribe('kai');
    const note = ({ tx }: LiveMessage) => void messages.push(tx);
    channel.on('snapshot', (snapshot) => {
      messages.splice(0);
      snapshot.messages.forEach(note);
    });
    channel.on('message', note);
    for (const name of ['snapshot', 'message', 'joined', 'you', 'refused'] as const) channel.on(name, () => wake());
    client.on('state', () => wake());
    return channel;
  };
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const say = async (body: string) => {
    live.server.clock.advance(1500);
    assert.equal((await chatter.say(body, body))['op'], 'ok');
  };

  it('reads server-sent events, goes on after a cut, and over a WebSocket once one gets through', async () => {
    await say('one');
    watch();
    await until(() => client.state === 'open');
    assert.equal(client.transport, 'events');
    await say('two');
    await until(() => messages.includes('two'));
    streams[0]?.abort();
    await say('three');
    await until(() => messages.includes('three'));
    assert.equal(streams.length, 2);
    passes.add('socket');
    client.connect();
    await until(() => client.transport === 'socket');
    await say('four');
    await until(() => messages.includes('four'));
    assert.deepEqual(messages, ['one', 'two', 'three', 'four']);
  });

  it('goes on by events where it was cut off from its WebSocket', async () => {
    passes.add('socket');
    const channel = watch();
    await until(() => channel.handle !== undefined);
    await say('one');
    await until(() => messages.includes('one'));
    passes.delete('socket');
    let recovered: boolean | undefined;
    channel.on('joined', ({ isRecovered }) => {
      recovered = isRecovered;
    });
    for (const socket of sockets) socket.terminate();
    await say('two');
    await until(() => messages.includes('two'));
    assert.deepEqual([messages, recovered, client.transport], [['one', 'two'], true, 'events']);
  });

  it('polls where events do not come through either, from where it stands', async () => {
    passes.delete('events');
    const { clock } = live.server;
    await say('one');
    clock.advance(1990 - (clock.now() % 2000));
    watch();
    await until(() => messages.includes('one'));
    assert.equal(client.transport, 'poll');
    await say('two');
    clock.advance(2000);
    await until(() => messages.includes('two'));
    assert.deepEqual(messages, ['one', 'two']);
  });

  it('chats, reacts and moderates by HTTP with an access token', async () => {
    await live.kai.ask('PATCH', `${KAI}/settings`, { settings: { slow: 10 } });
    const channel = watch({ token: async () => zed.accessToken });
    const sent = channel.send('hello');
    assert.match((await sent).id, /^\$/);
    assert.equal(channel.you?.role, 'viewer');
    await assert.rejects(channel.send('and again'), { code: 'slow_mode' });
    await assert.rejects(channel.moderate('clear'), { code: 'M_FORBIDDEN' });
    await live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60 });
    await until(() => channel.you?.can === false && channel.you.why === 'timed_out');
  });

  it('chats and votes without a token, by what a ticket was shown for, and goes on so over a WebSocket', async () => {
    let tickets = 0;
    const ticket = async () => {
      tickets += 1;
      return (await zed.ask('POST', `${LIVE}/ticket`)).body.ticket;
    };
    const channel = watch({ ticket });
    await until(() => channel.you?.why !== 'signed_out' && channel.you !== undefined);
    assert.equal(client.transport, 'events');
    live.server.clock.advance(1500);
    assert.equal((await channel.send('without a token')).isShown, true);
    await until(() => messages.includes('without a token'));
    live.server.clock.advance(1500);
    const used = tickets;
    passes.add('socket');
    client.connect();
    await until(() => client.transport === 'socket' && channel.handle !== undefined);
    assert.deepEqual([channel.you?.can, tickets], [true, used]);
    await channel.send('over a WebSocket');
    await until(() => messages.includes('over a WebSocket'));
  });

  it('becomes somebody and nobody while it reads, and misses nothing', async () => {
    const channel = watch();
    await until(() => channel.you !== undefined);
    await assert.rejects(channel.send('hello'), { code: 'signed_out' });
    await client.signIn((await zed.ask('POST', `${LIVE}/ticket`)).body.ticket);
    await say('meanwhile');
    await until(() => channel.you?.why !== 'signed_out');
    live.server.clock.advance(1500);
    await channel.send('as somebody');
    await until(() => messages.includes('as somebody'));
    client.signOut();
    await until(() => channel.you?.why === 'signed_out');
    assert.deepEqual(messages, ['meanwhile', 'as somebody']);
  });

  it('reads on as nobody where its token is not good any more', async () => {
    let token = 'not-good';
    const channel = watch({ token: async () => token });
    await until(() => channel.you?.why === 'signed_out');
    token = zed.accessToken;
    await client.signIn();
    await until(() => channel.you?.can === true);
  });

  it('polls as somebody', async () => {
    passes.delete('events');
    const channel = watch({ ticket: async () => (await zed.ask('POST', `${LIVE}/ticket`)).body.ticket });
    await until(() => channel.you?.can === true);
    assert.equal(client.transport, 'poll');
  });

  it('is told where the channel is not for it any more', async () => {
    const channel = watch();
    await until(() => client.state === 'open');
    const refused = new Promise<string>((resolve) => channel.on('refused', ({ code }) => resolve(code)));
    await live.kai.ask('PUT', `${KAI}/session`, { viewers: 'members' });
    assert.equal(await refused, '4004');
    live.server.clock.advance(1500);
    await live.kai.ask('POST', `${KAI}/messages`, { txn: 'x', body: 'for members' });
    assert.deepEqual(messages, []);
  });
});
