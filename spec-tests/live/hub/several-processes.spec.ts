import assert from 'node:assert/strict';
import { createClient, type RedisClientType } from 'redis';
import { RedisOrder } from '../../../src/live/hub/order/redis-order.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { needs, redis } from '../../support/needs.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { LIVE_DEFAULTS, type LiveServer, startLiveServer } from '../gateway/live-server.ts';
import { numbersOf, TestViewer } from '../gateway/test-viewer.ts';
import { deletion, message } from './room-order-suite.ts';

/** A gateway with an order in Redis, as each process has one. */
interface Process {
  readonly live: LiveServer;
  readonly faults: unknown[];
  close(): Promise<void>;
}

async function startProcess(server: RedisServer, keyPrefix: string): Promise<Process> {
  const faults: unknown[] = [];
  const [clock, random] = [systemClock, systemRandom];
  const order = new RedisOrder({
    ...{ clock, random, window: LIVE_DEFAULTS.window, onFault: (error: unknown) => faults.push(error) },
    redis: { url: server.url, tlsCa: undefined, keyPrefix, connectMs: 500, commandMs: 500 },
  });
  const live = await startLiveServer({ clock, random, order, tickMs: 20, displayRate: 1000 });
  return {
    ...{ live, faults },
    async close() {
      await live.close();
      await order.close();
    },
  };
}

/** Numbers told since the last snapshot, which have to be without a gap. */
function told(viewer: TestViewer): number[] {
  const begin = viewer.frames.findLastIndex(({ op }) => op === 'snap' || op === 'joined');
  return viewer.frames
    .slice(begin)
    .filter(({ op }) => op === 't')
    .flatMap(numbersOf);
}

const positionOf = ({ frames }: TestViewer): JsonObject => {
  const last = frames.findLast(({ op, ev }) => op === 't' && ev !== undefined)!;
  const { epoch } = frames.findLast(({ op }) => op === 'snap' || op === 'joined')!;
  return { epoch: epoch!, seq: last['q']! };
};

describe('a channel in several processes', function () {
  this.timeout(30_000);
  let server: RedisServer;
  let first: Process;
  let second: Process;
  const viewers: TestViewer[] = [];

  const watch = async (process: Process, more: JsonObject = {}): Promise<TestViewer> => {
    const viewer = new TestViewer(process.live.url);
    viewers.push(viewer);
    await viewer.opened();
    viewer.hello({ subs: [{ ch: 'ch_1', ...more }] });
    await viewer.frame('joined');
    return viewer;
  };
  const hears = (viewer: TestViewer, id: string) => viewer.until(({ messages }) => messages.includes(`$${id}`));

  beforeEach(async function () {
    server = await RedisServer.start(needs(this, redis));
    const prefix = `${systemRandom.token(8)}:`;
    // The last that opens the channel is its writer.
    second = await startProcess(server, prefix);
    first = await startProcess(server, prefix);
  });
  afterEach(async () => {
    for (const viewer of viewers.splice(0)) viewer.ws.terminate();
    await Promise.all([first?.close(), second?.close()]);
    await server?.remove();
  });

  it('tells viewers of one what is said in another, in order', async () => {
    const near = await watch(first);
    const far = await watch(second);
    for (let n = 0; n < 50; n++) void first.live.writer.offerMessage(message(String(n)), 0);
    await hears(near, '49');
    await hears(far, '49');
    assert.deepEqual(far.messages, near.messages);
    assert.deepEqual(
      told(far),
      Array.from({ length: 50 }, (_, n) => n + 1),
    );
  });

  it('tells viewers of both alike what moderators and streamers do', async () => {
    const near = await watch(first);
    const far = await watch(second);
    const { writer } = first.live;
    void writer.offerMessage(message('cleared'), 0);
    void writer.offer({ kind: 'cu', fields: '{"u":"@zed:s"}', userId: '@zed:s', buries: { userId: '@zed:s' } });
    const done = ['st', 'pn', 'nt', 'ps', 'pe', 'ss', 'sw', 'rd'] as const;
    for (const kind of done) void writer.offer({ kind, fields: `{"what":"${kind}"}` });
    const kinds = ({ frames }: TestViewer) =>
      frames.filter(({ op }) => op === 't').flatMap(({ ev }) => ((ev ?? []) as JsonObject[]).map(({ k }) => k));
    for (const viewer of [near, far]) {
      await viewer.until((each) => kinds(each).includes('rd'));
      assert.deepEqual(
        kinds(viewer).filter((kind) => kind !== 'm' && kind !== 'tb'),
        ['cu', ...done],
      );
    }
    const late = await watch(second);
    assert.equal(JSON.stringify(await late.frame('snap')).includes('text cleared'), false);
  });

  it('lets viewers go on in another where they were', async () => {
    const viewer = await watch(first);
    void first.live.writer.offerMessage(message('before'), 0);
    await hears(viewer, 'before');
    const position = positionOf(viewer);
    viewer.ws.terminate();
    void first.live.writer.offerMessage(message('meanwhile'), 0);
    void first.live.writer.offer(deletion('before'));
    const again = await watch(second, position);
    await hears(again, 'meanwhile');
    await again.until(({ frames }) => JSON.stringify(frames).includes('"k":"d"'));
    assert.equal((await again.frame('joined'))['rec'], true);
    assert.equal(again.messages.includes('$before'), true, 'the deletion names it');
    assert.equal(JSON.stringify(again.frames).includes('text before'), false);
    assert.deepEqual(told(again), [2, 3]);
  });

  it('goes on without a gap after connections to Redis were cut', async () => {
    const near = await watch(first);
    const far = await watch(second);
    const admin: RedisClientType = createClient({ socket: { path: server.url.slice(5), tls: false } });
    await admin.connect();
    for (let n = 0; n < 30; n++) {
      void first.live.writer.offerMessage(message(String(n)), 0);
      if (n % 10 === 5) await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
      await hears(near, String(n));
    }
    await hears(far, '29');
    for (const viewer of [near, far]) {
      assert.deepEqual(
        told(viewer),
        Array.from({ length: 30 }, (_, n) => n + 1),
      );
      assert.equal(viewer.frames.filter(({ op }) => op === 'snap').length, 1);
    }
    admin.destroy();
  });

  it('tells all viewers to begin anew after Redis lost everything, with what was said last', async () => {
    const near = await watch(first);
    const far = await watch(second);
    void first.live.writer.offerMessage(message('before'), 0);
    void first.live.writer.offerMessage(message('deleted'), 0);
    void first.live.writer.offer(deletion('deleted'));
    await Promise.all([hears(near, 'before'), hears(far, 'before')]);
    await near.until(({ frames }) => JSON.stringify(frames).includes('"k":"d"'));
    const { epoch } = positionOf(near);
    await server.kill();
    const waits = await first.live.writer.offerMessage(message('meanwhile'), 0);
    assert.equal(waits.outcome, 'waiting');
    await server.start();
    const late = message('afterwards');
    void first.live.writer.offerMessage(late, 0);
    for (const viewer of [near, far]) {
      await hears(viewer, 'afterwards');
      await viewer.until(({ frames }) => frames.filter(({ op }) => op === 'snap').length >= 2);
      const frames = viewer.frames.slice(viewer.frames.findLastIndex(({ op }) => op === 'snap'));
      const ids = frames.flatMap(({ ev }) => ((ev ?? []) as JsonObject[]).map(({ id }) => id));
      assert.deepEqual(ids, ['$before', '$meanwhile', '$afterwards']);
      assert.notEqual(frames[0]!['epoch'], epoch);
    }
  });

  it('begins anew, too, where a Redis that was killed has kept what it had', async function () {
    await Promise.all([first.close(), second.close()]);
    await server.remove();
    server = await RedisServer.start(needs(this, redis), { isDurable: true });
    second = await startProcess(server, 'p:');
    first = await startProcess(server, 'p:');
    const far = await watch(second);
    void first.live.writer.offerMessage(message('before'), 0);
    await hears(far, 'before');
    const { epoch } = positionOf(far);
    await server.kill();
    await server.start();
    void first.live.writer.offerMessage(message('afterwards'), 0);
    await hears(far, 'afterwards');
    const snap = far.frames.findLast(({ op }) => op === 'snap')!;
    assert.notEqual(snap['epoch'], epoch);
    assert.deepEqual(far.messages.slice(-2), ['$before', '$afterwards']);
  });

  it('goes on after a Redis that answered nothing for a while', async () => {
    const far = await watch(second);
    void first.live.writer.offerMessage(message('before'), 0);
    await hears(far, 'before');
    server.pause();
    assert.equal((await first.live.writer.offerMessage(message('meanwhile'), 0)).outcome, 'waiting');
    server.resume();
    void first.live.writer.offerMessage(message('afterwards'), 0);
    await hears(far, 'afterwards');
    assert.equal(far.frames.filter(({ op }) => op === 'snap').length, 1);
  });
});
