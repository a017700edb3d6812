import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { TestClock } from '../../support/test-clock.ts';
import { deletion, message } from '../hub/room-order-suite.ts';
import { LIVE_DEFAULTS, type LiveServer, type LiveServerOptions, startLiveServer } from './live-server.ts';
import { TestViewer } from './test-viewer.ts';

describe('the live gateway', () => {
  let server: LiveServer;
  let clock: TestClock;
  const viewers: TestViewer[] = [];

  async function start(options: Partial<LiveServerOptions> = {}): Promise<void> {
    clock = new TestClock();
    server = await startLiveServer({ clock, random: systemRandom, tickMs: 0, ...options });
  }

  async function connect(...args: [options?: object, protocols?: string[]]): Promise<TestViewer> {
    const viewer = new TestViewer(server.url, ...args);
    viewers.push(viewer);
    await viewer.opened();
    return viewer;
  }

  async function watch(hello: JsonObject = {}, options: object = {}): Promise<TestViewer> {
    const viewer = await connect(options);
    viewer.hello(hello);
    await viewer.frame('joined');
    return viewer;
  }

  const say = (...ids: string[]) => Promise.all(ids.map((id) => server.writer.offerMessage(message(id), 0)));

  afterEach(async () => {
    for (const viewer of viewers.splice(0)) viewer.ws.terminate();
    await server.close();
    assert.deepEqual(server.faults, []);
  });

  it('welcomes anybody, tells how the channel stands, and then what happens', async () => {
    await start();
    await say('before');
    const viewer = await watch();
    await viewer.frame('snap');
    assert.deepEqual(
      viewer.frames.map(({ op }) => op),
      ['welcome', 'joined', 'snap'],
    );
    const { r, room, seq, rec, you } = await viewer.frame('joined');
    assert.deepEqual(
      { r, room, seq, rec, you },
      {
        ...{ r: server.channel.handle, room: '!live:s', seq: 1, rec: false },
        you: { role: 'viewer', badges: [], can: false },
      },
    );
    await say('now');
    const tick = await viewer.frame('t');
    assert.deepEqual([tick['p'], tick['q']], [1, 2]);
    assert.deepEqual(viewer.messages, ['$before', '$now']);
  });

  it('goes on where a viewer was when its connection broke', async () => {
    await start();
    await say('a');
    const first = await watch();
    const { epoch, seq } = await first.frame('joined');
    first.ws.terminate();
    await say('b', 'c');
    const again = await watch({ subs: [{ ch: 'ch_1', epoch, seq } as JsonObject] });
    assert.equal((await again.frame('joined'))['rec'], true);
    await again.frame('t');
    assert.deepEqual(again.messages, ['$b', '$c']);
    await say('d');
    await again.until(({ messages }) => messages.includes('$d'));
    assert.deepEqual(again.messages, ['$b', '$c', '$d']);
  });

  it('gives many viewers the same compressed bytes, which they can read with and without others between', async () => {
    await start({ deflateFrom: 1 });
    const options = { perMessageDeflate: true };
    const [a, b, plain] = await Promise.all([watch({}, options), watch({}, options), watch()]);
    assert.equal(a.ws.extensions, 'permessage-deflate');
    for (let round = 0; round < 5; round++) {
      await say(`${'long '.repeat(100)}${round}`, `short ${round}`);
      a.send({ op: 'sub', i: round, ch: 'nowhere' });
    }
    const wanted = ({ messages }: TestViewer) => messages.length === 10;
    await Promise.all([a, b, plain].map((viewer) => viewer.until(wanted)));
    assert.deepEqual(a.messages, plain.messages);
    assert.deepEqual(b.messages, plain.messages);
    await a.until(({ frames }) => frames.filter(({ op }) => op === 'err').length === 5);
  });

  it('sends nothing compressed to whoever limits the window', async () => {
    await start({ deflateFrom: 1 });
    const viewer = await watch({}, { perMessageDeflate: { serverMaxWindowBits: 10 } });
    assert.equal(viewer.ws.extensions, '');
  });

  it('selects its own subprotocol only, and refuses credentials in the URL', async () => {
    await start();
    const viewer = await connect({}, ['beamify.live.v1', 'beamify.bearer.secret']);
    assert.equal(viewer.ws.protocol, 'beamify.live.v1');
    for (const name of ['access_token', 'ticket']) {
      const url = `${server.url}?${name}=secret`;
      await assert.rejects(new TestViewer(url).opened(), /400/);
    }
  });

  it('opens sockets for the web origins that it knows', async () => {
    await start({ gateway: { origins: new Set(['https://live.test']) } });
    await connect({ origin: 'https://live.test' });
    await connect();
    await assert.rejects(new TestViewer(server.url, { origin: 'https://evil.test' }).opened(), /403/);
  });

  it('tells a viewer with a ticket who it is, and closes where the ticket is not good', async () => {
    await start();
    const known = await watch({ ticket: 'ticket-@zed:s' });
    assert.deepEqual((await known.frame('joined'))['you'], { role: 'viewer', badges: [], can: true });
    const unknown = await connect();
    unknown.hello({ ticket: 'stolen' });
    assert.equal(await unknown.closed(), 4003);
  });

  const WRONG: [title: string, code: number, frames: (string | JsonObject)[]][] = [
    ['what is no JSON', 4001, ['{']],
    ['an operation that nobody knows', 4001, [{ op: 'hello', v: 1 }, { op: 'dance' }]],
    ['anything before hello', 4001, [{ op: 'sub', ch: 'ch_1' }]],
    [
      'hello twice',
      4001,
      [
        { op: 'hello', v: 1 },
        { op: 'hello', v: 1 },
      ],
    ],
    ['another version', 4014, [{ op: 'hello', v: 2 }]],
    ['no channel that is there', 4004, [{ op: 'hello', v: 1, subs: [{ ch: 'nowhere' }] }]],
    ['too many channels', 4001, [{ op: 'hello', v: 1, subs: Array.from({ length: 5 }, () => ({ ch: 'ch_1' })) }]],
    ['a place that is none', 4001, [{ op: 'hello', v: 1, subs: [{ ch: 'ch_1', epoch: 5, seq: 'x' }] }]],
    ['too many frames', 4013, [{ op: 'hello', v: 1 }, ...Array.from({ length: 60 }, () => ({ op: 'pong' }))]],
    ['frames that are too large', 1009, ['x'.repeat(9000)]],
  ];
  for (const [title, code, frames] of WRONG) {
    it(`closes ${code} at ${title}`, async () => {
      await start();
      const viewer = await connect();
      for (const frame of frames) viewer.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
      assert.equal(await viewer.closed(), code);
    });
  }

  it('inflates no more than a frame may have', async () => {
    await start();
    const viewer = await connect({ perMessageDeflate: { threshold: 0 } });
    viewer.ws.send('x'.repeat(1_000_000));
    assert.equal(await viewer.closed(), 1009);
  });

  it('closes whoever says nothing', async () => {
    await start();
    const viewer = await connect();
    clock.advance(10_000);
    assert.equal(await viewer.closed(), 4006);
  });

  it('asks the silent, and closes those that do not answer within 35 seconds', async () => {
    await start();
    const [lively, silent] = await Promise.all([watch(), watch()]);
    for (let second = 0; second < 35; second++) {
      clock.advance(1000);
      if (second % 5 === 0) {
        lively.send({ op: 'pong' });
        lively.send({ op: 'sub', i: second, ch: 'nowhere' });
        await lively.until(({ frames }) => frames.some(({ i }) => i === second));
      }
    }
    assert.equal(await silent.closed(), 4009);
    assert.equal(lively.closeCode, undefined);
    assert.ok(silent.frames.some(({ op }) => op === 'ping'));
  });

  it('keeps to the caps of addresses, users and handshakes', async () => {
    await start({ gateway: { caps: { ...LIVE_DEFAULTS.caps, perIpv4: 2, perUser: 1 } } });
    const first = await watch({ ticket: 'ticket-@zed:s' });
    const second = await connect();
    await assert.rejects(new TestViewer(server.url).opened(), /429/);
    second.hello({ ticket: 'ticket-@zed:s' });
    assert.equal(await second.closed(), 4007);
    first.ws.close();
    await first.closed();
    await watch({ ticket: 'ticket-@zed:s' });
  });

  it('does in a channel what the services say, and answers under the number of the request', async () => {
    const done: unknown[] = [];
    await start({
      perform: async (op, channel, account, json) => {
        done.push([op, channel.id, account?.userId, json['body']]);
        if (account) return { ok: true, fields: { id: '$1', s: 5 } };
        return { ok: false, code: 'slow_mode', message: 'Wait', retryMs: 500 };
      },
    });
    const [viewer, chatter] = await Promise.all([watch(), watch({ ticket: 'ticket-@zed:s' })]);
    const r = server.channel.handle;
    viewer.send({ op: 'send', i: 'x', r, body: 'hi' });
    assert.deepEqual(await viewer.frame('err'), { op: 'err', i: 'x', code: 'slow_mode', msg: 'Wait', retry_ms: 500 });
    chatter.send({ op: 'send', i: 2, r, body: 'hi' });
    assert.deepEqual(await chatter.frame('ok'), { id: '$1', s: 5, op: 'ok', i: 2 });
    chatter.send({ op: 'send', i: 3, r: 99, body: 'hi' });
    assert.equal((await chatter.frame('err'))['code'], 'not_joined');
    assert.deepEqual(done, [
      ['send', 'ch_1', undefined, 'hi'],
      ['send', 'ch_1', '@zed:s', 'hi'],
    ]);
  });

  it('counts the viewers of a channel as they come and go', async () => {
    await start({ tickMs: 1 });
    const first = await watch();
    await first.until(({ frames }) => frames.some(({ a }) => (a as JsonObject | undefined)?.['v'] === 1));
    assert.equal(server.channel.fanOut.viewers, 1);
    first.send({ op: 'unsub', i: 1, ch: 'ch_1' });
    await first.frame('ok');
    assert.equal(server.channel.fanOut.viewers, 0);
  });

  it('sends all away when it stops, to come back at different moments', async () => {
    await start();
    const some = await Promise.all([watch(), watch(), watch()]);
    server.gateway.stop();
    const byes = await Promise.all(some.map((viewer) => viewer.frame('bye')));
    assert.deepEqual(await Promise.all(some.map((viewer) => viewer.closed())), [4010, 4010, 4010]);
    for (const bye of byes) assert.deepEqual([bye['code'], bye['resume']], [4010, true]);
    assert.equal(new Set(byes.map(({ retry_ms }) => retry_ms)).size, 3);
    await assert.rejects(new TestViewer(server.url).opened(), /503/);
  });

  const HANDSHAKE = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  /** What a request is answered, as a client that speaks no WebSocket sees it. */
  async function answerTo(method: string, headers: Record<string, string>): Promise<IncomingMessage> {
    const { port, pathname } = new URL(server.url);
    const asked = request({ host: '127.0.0.1', port, path: pathname, method, headers }).end();
    const [answer] = (await Promise.race([once(asked, 'response'), once(asked, 'upgrade')])) as [IncomingMessage];
    answer.socket.destroy();
    return answer;
  }

  it('shakes hands as the protocol has it, and refuses what is no handshake', async () => {
    await start();
    const offered = { ...HANDSHAKE, 'sec-websocket-protocol': 'other, beamify.live.v1, beamify.bearer.c2VjcmV0' };
    const { statusCode, headers } = await answerTo('GET', offered);
    // The example of RFC 6455, 1.3.
    assert.deepEqual(
      [statusCode, headers['sec-websocket-accept'], headers['sec-websocket-protocol']],
      [101, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'beamify.live.v1'],
    );
    for (const [method, changed, status] of [
      ['POST', {}, 405],
      ['GET', { upgrade: 'h2c' }, 400],
      ['GET', { 'sec-websocket-key': 'short' }, 400],
      ['GET', { 'sec-websocket-version': '8' }, 426],
    ] as const) {
      const refused = await answerTo(method, { ...HANDSHAKE, ...changed });
      assert.equal(refused.statusCode, status);
      assert.equal(refused.headers['sec-websocket-version'], status === 426 ? '13' : undefined);
    }
    assert.equal(server.gateway.sockets, 0);
  });

  it('answers pings, and a close with the same code', async () => {
    await start();
    const viewer = await watch();
    viewer.ws.ping('there?');
    const [answer] = (await once(viewer.ws, 'pong')) as [Buffer];
    assert.equal(String(answer), 'there?');
    viewer.ws.close(3001, 'enough');
    assert.equal(await viewer.closed(), 3001);
    const without = await watch();
    without.ws.close();
    assert.equal(await without.closed(), 1005);
  });

  it('waits for the answer to a close for a second and no longer', async () => {
    await start();
    const { port, pathname } = new URL(server.url);
    const asked = request({ host: '127.0.0.1', port, path: pathname, headers: HANDSHAKE }).end();
    const [, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, Socket];
    socket.resume();
    clock.advance(10_000);
    assert.equal(server.gateway.sockets, 1);
    clock.advance(1000);
    await once(socket, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(server.gateway.sockets, 0);
  });

  it('survives connections that break off in the middle of anything', async () => {
    await start();
    const { port } = new URL(server.url);
    for (const bytes of ['GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', 'GET']) {
      const socket = createConnection(Number(port), '127.0.0.1');
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket.destroy();
    }
    const viewer = await watch();
    viewer.ws.terminate();
    await say('a');
    void server.writer.offer(deletion('a'));
    await watch();
  });
});
