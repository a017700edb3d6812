import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import {
  type LiveChannel,
  LiveClient,
  type LiveClientOptions,
  type LiveMessage,
} from '../../../src/live/client/live-client.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { ROOT } from '../../support/source-tree.ts';
import { type LiveServer, startLiveServer } from '../gateway/live-server.ts';
import { deletion, message } from '../hub/room-order-suite.ts';

/** Bytes of what every client downloads, minified: those who write, and those without a WebSocket, need more. */
const LARGEST = 9000;

describe('the client of live rooms', function () {
  this.timeout(20_000);
  let server: LiveServer;
  let client: LiveClient;
  let sockets: WebSocket[];
  /** What the gateway was asked, with the answer to give. */
  let asked: JsonObject[];
  let answer: () => Awaited<ReturnType<NonNullable<Parameters<typeof startLiveServer>[0]['perform']>>>;

  class Socket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }

  const connect = (options: Partial<LiveClientOptions> = {}) => {
    client = new LiveClient({ gateway: server.url, WebSocket: Socket, ...options });
    return client;
  };
  const next = <T>(on: (listener: (value: T) => void) => () => void): Promise<T> =>
    new Promise((resolve) => {
      const off = on((value) => {
        off();
        resolve(value);
      });
    });
  const joined = (channel: LiveChannel) => next<{ isRecovered: boolean }>((listener) => channel.on('joined', listener));
  const becomes = (state: string) =>
    new Promise<void>((resolve) => {
      if (client.state === state) return resolve();
      const off = client.on('state', (now) => {
        if (now !== state) return;
        off();
        resolve();
      });
    });
  const say = (...ids: string[]) => {
    for (const id of ids) void server.writer.offerMessage(message(id), 0);
  };
  /** Ids of the messages told, those of snapshots first. */
  const listen = (channel: LiveChannel) => {
    const ids: string[] = [];
    let wake = (): void => undefined;
    const note = ({ id }: LiveMessage) => {
      ids.push(id);
      wake();
    };
    channel.on('snapshot', ({ messages }) => {
      ids.length = 0;
      messages.forEach(note);
    });
    channel.on('message', note);
    const hears = async (id: string) => {
      while (!ids.includes(`$${id}`)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    return { ids, hears };
  };

  beforeEach(async () => {
    sockets = [];
    asked = [];
    answer = () => ({ ok: true, fields: { id: '$sent', event_id: '$sent-in-full', s: 7 } });
    server = await startLiveServer({
      ...{ clock: systemClock, random: systemRandom, tickMs: 20, displayRate: 1000 },
      async perform(op, _channel, _account, json) {
        asked.push({ ...json, op });
        return answer();
      },
    });
  });
  afterEach(async () => {
    client.close();
    await server.close();
  });

  it('shows what was said before, and then what is said', async () => {
    say('1', '2');
    await server.writer.flush();
    const channel = connect().subscribe('ch_1');
    const { ids, hears } = listen(channel);
    await joined(channel);
    say('3');
    await hears('3');
    assert.deepEqual(ids, ['$1', '$2', '$3']);
    assert.deepEqual(channel.you, { role: 'viewer', badges: [], can: false });
  });

  it('goes on by itself after a cut, and misses nothing', async () => {
    const channel = connect().subscribe('ch_1');
    const { ids, hears } = listen(channel);
    const deleted: string[] = [];
    channel.on('delete', ({ id }) => deleted.push(id));
    await joined(channel);
    say('1');
    await hears('1');
    sockets[0]!.terminate();
    say('2');
    void server.writer.offer(deletion('1'));
    const { isRecovered } = await joined(channel);
    say('3');
    await hears('3');
    assert.equal(isRecovered, true);
    assert.deepEqual(ids, ['$1', '$2', '$3']);
    assert.deepEqual(deleted, ['$1']);
    assert.equal(sockets.length, 2);
  });

  it('asks again where something is missing', async () => {
    const channel = connect().subscribe('ch_1');
    const { ids, hears } = listen(channel);
    await joined(channel);
    say('1');
    await hears('1');
    const socket = sockets[0]!;
    const { onmessage } = socket;
    socket.onmessage = (event) => {
      if (!String(event.data).includes('"id":"$2"')) onmessage?.call(socket, event);
      else socket.onmessage = onmessage;
    };
    say('2');
    await server.writer.flush();
    await new Promise<void>((resolve) => {
      const off = systemClock.every(5, () => {
        if (socket.onmessage !== onmessage) return;
        off();
        resolve();
      });
    });
    say('3');
    await hears('3');
    assert.deepEqual(ids, ['$1', '$2', '$3']);
    assert.equal(sockets.length, 1);
  });

  it('sends a message, and says what became of it', async () => {
    const channel = connect({ ticket: async () => 'ticket-@zed:s' }).subscribe('ch_1');
    const sent = { id: '$sent', eventId: '$sent-in-full', seq: 7, isShown: true };
    assert.deepEqual(await channel.send('hello', { reply: '$1' }), sent);
    const { op, body, reply, txn } = asked[0]!;
    assert.deepEqual([op, body, reply, typeof txn], ['send', 'hello', '$1', 'string']);
    answer = () => ({ ok: true, fields: { id: '$other', sel: false } });
    const { id, seq, isShown } = await channel.send('again');
    assert.deepEqual({ id, seq, isShown }, { id: '$other', seq: undefined, isShown: false });
  });

  it('says why a message was refused', async () => {
    const channel = connect().subscribe('ch_1');
    await joined(channel);
    answer = () => ({ ok: false, code: 'slow_mode', message: 'Wait a little', retryMs: 900 });
    await assert.rejects(channel.send('hello'), { code: 'slow_mode', message: 'Wait a little', retryMs: 900 });
  });

  it('sends what was written while there was no connection, once, and waits where it is asked to', async () => {
    const channel = connect().subscribe('ch_1');
    await joined(channel);
    sockets[0]!.terminate();
    await becomes('waiting');
    const both = Promise.all([channel.send('one'), channel.send('two')]);
    const answers = [
      { ok: true as const, fields: { id: '$one' } },
      { ok: false as const, code: 'slow_mode', message: 'Wait', retryMs: 30 },
    ];
    answer = () => answers.shift() ?? { ok: true, fields: { id: '$two' } };
    assert.deepEqual(
      (await both).map(({ id }) => id),
      ['$one', '$two'],
    );
    assert.deepEqual(
      asked.map(({ body }) => body),
      ['one', 'two', 'two'],
    );
    assert.equal(asked[1]!['txn'], asked[2]!['txn']);
  });

  it('sends a message again, under the same name, while part of the server is away', async () => {
    const channel = connect().subscribe('ch_1');
    await joined(channel);
    answer = () => {
      answer = () => ({ ok: true, fields: { id: '$same' } });
      return { ok: false, code: 'unavailable', message: 'Try again', retryMs: 20 };
    };
    assert.equal((await channel.send('hello')).id, '$same');
    assert.deepEqual(asked[0]!['txn'], asked[1]!['txn']);
  });

  it('sends a message whose answer was cut off again, under the same name', async () => {
    const channel = connect().subscribe('ch_1');
    await joined(channel);
    answer = () => {
      sockets[0]!.terminate();
      answer = () => ({ ok: true, fields: { id: '$same' } });
      return { ok: true, fields: { id: '$same' } };
    };
    assert.equal((await channel.send('hello')).id, '$same');
    assert.equal(asked.length, 2);
    assert.equal(asked[0]!['txn'], asked[1]!['txn']);
  });

  it('counts reactions for half a second, votes and moderates', async () => {
    const channel = connect().subscribe('ch_1');
    await joined(channel);
    for (let n = 0; n < 3; n++) channel.react('🔥');
    await channel.vote('$poll', [1]);
    answer = () => ({ ok: true, fields: { done: true } });
    assert.deepEqual(await channel.moderate('timeout', { user: '@spam:s', seconds: 60 }), { done: true });
    while (asked.length < 3) await new Promise((resolve) => setImmediate(resolve));
    const plain = asked.map(({ i: _i, r: _r, ...rest }) => rest);
    assert.deepEqual(plain, [
      { op: 'vote', poll: '$poll', a: [1] },
      { op: 'mod', do: 'timeout', user: '@spam:s', seconds: 60 },
      { op: 'react', k: '🔥', c: 3 },
    ]);
  });

  it('comes back as who it was, with the secret of the connection before', async () => {
    let tickets = 0;
    const ticket = async () => {
      tickets += 1;
      return 'ticket-@zed:s';
    };
    const channel = connect({ ticket }).subscribe('ch_1');
    await joined(channel);
    sockets[0]!.terminate();
    await joined(channel);
    assert.equal(channel.you?.can, true);
    assert.equal(tickets, 1);
  });

  it('reads as nobody, and becomes somebody later', async () => {
    const channel = connect().subscribe('ch_1');
    await joined(channel);
    assert.equal(channel.you?.can, false);
    const you = next<{ can: boolean }>((listener) => channel.on('you', listener));
    await client.signIn('ticket-@zed:s');
    assert.equal((await you).can, true);
  });

  it('does not come back to a channel that is not there', async () => {
    const channel = connect().subscribe('ch_2');
    const refusal = next<{ code: string }>((listener) => channel.on('refused', listener));
    assert.equal((await refusal).code, '4004');
    assert.equal(client.state, 'closed');
    await assert.rejects(channel.send('hello'), { code: '4004' });
  });

  it(`is small: at most ${LARGEST} bytes for who reads where a WebSocket gets through`, async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, 'src/live/client/live-client.ts')],
      ...{ bundle: true, splitting: true, outdir: ROOT, write: false, metafile: true },
      ...{ minify: true, format: 'esm', target: 'es2022' },
    });
    const needed = new Set(Object.keys(metafile.outputs).filter((path) => path.endsWith('live-client.js')));
    const later = new Set<string>();
    for (const path of needed) {
      for (const { path: other, kind } of metafile.outputs[path]!.imports) {
        (kind === 'dynamic-import' ? later : needed).add(other);
      }
    }
    const bytes = [...needed].reduce((sum, path) => sum + metafile.outputs[path]!.bytes, 0);
    assert.ok(bytes <= LARGEST, `${bytes} bytes`);
    const entries = [...later].map((path) => metafile.outputs[path]!.entryPoint?.split('/').at(-1));
    assert.deepEqual(entries.sort(), ['fallback.ts', 'outbox.ts', 'ticket-by-token.ts']);
    const inputs = Object.keys(metafile.inputs);
    assert.deepEqual(
      inputs.filter((path) => !path.startsWith('src/live/client/')),
      [],
    );
    client = new LiveClient({ gateway: '' });
  });
});
