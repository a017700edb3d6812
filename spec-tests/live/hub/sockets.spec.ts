import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { inflateRawSync } from 'node:zlib';
import { Channels } from '../../../src/live/hub/channels.ts';
import { MemoryOrder } from '../../../src/live/hub/order/memory-order.ts';
import { CLOSE } from '../../../src/live/hub/sockets/close-codes.ts';
import { EventStream } from '../../../src/live/hub/sockets/event-stream.ts';
import { FramedText } from '../../../src/live/hub/sockets/framed-text.ts';
import { deflatedFrame, textFrame } from '../../../src/live/hub/sockets/frames.ts';
import { deflateAnswer } from '../../../src/live/hub/sockets/handshake.ts';
import { networkOf, SocketCaps } from '../../../src/live/hub/sockets/socket-caps.ts';
import { ViewerSocket } from '../../../src/live/hub/sockets/viewer-socket.ts';
import type { TickLimits } from '../../../src/live/hub/tick-period.ts';
import { TestClock } from '../../support/test-clock.ts';
import { LIVE_DEFAULTS } from '../gateway/live-server.ts';
import { deletion, message } from './room-order-suite.ts';
import { seededRandom } from './seeded-random.ts';
import { textsIn } from './server-frames.ts';

describe('frames of the server', () => {
  for (const length of [0, 125, 126, 65_535, 65_536, 200_000]) {
    it(`carry ${length} bytes under the right head`, () => {
      const frame = textFrame('x'.repeat(length));
      const head = length < 126 ? [0x81, length] : length < 65_536 ? [0x81, 126] : [0x81, 127];
      assert.deepEqual([...frame.subarray(0, 2)], head);
      if (length >= 65_536) assert.equal(Number(frame.readBigUInt64BE(2)), length);
      else if (length >= 126) assert.equal(frame.readUInt16BE(2), length);
    });
  }

  it('are compressed by themselves, so that any of them can be read without those before', () => {
    const text = `{"tx":"${'so much to say '.repeat(50)}"}`;
    const frame = deflatedFrame(text);
    assert.equal(frame[0], 0xc1);
    const payload = frame.subarray(frame[1] === 126 ? 4 : 2);
    assert.equal(
      String(inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: 2 })),
      text,
    );
  });

  it('are made once for all, and compressed where that gains something', () => {
    const [short, long] = [new FramedText('short'), new FramedText('long '.repeat(100))];
    assert.equal(long.frame(true), long.frame(true));
    assert.notEqual(long.frame(true), long.frame(false));
    assert.equal(short.frame(true), short.frame(false));
  });

  it('are compressed for those only who leave us the whole window', () => {
    const answer = (offers: string) => deflateAnswer({ 'sec-websocket-extensions': offers });
    const ours = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
    assert.equal(answer('permessage-deflate; client_max_window_bits'), ours);
    assert.equal(
      answer('permessage-deflate; server_max_window_bits=10, permessage-deflate; client_max_window_bits=9'),
      ours,
    );
    assert.equal(answer('permessage-deflate; server_max_window_bits = "15"'), `${ours}; server_max_window_bits=15`);
    for (const offer of [
      'permessage-deflate; server_max_window_bits="8"',
      'permessage-deflate; client_max_window_bits=16',
      'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
      'permessage-deflate; constructor',
      'x-webkit-deflate-frame',
      '',
    ]) {
      assert.equal(answer(offer), undefined, offer);
    }
    assert.equal(deflateAnswer({}), undefined);
  });
});

/** The server's end of a connection whose other end reads when it is told to. */
class StallingPipe extends Duplex {
  readonly written: string[] = [];
  #stalled: (() => void)[] | undefined;

  stall(): void {
    this.#stalled = [];
  }

  readOn(): void {
    const stalled = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const done of stalled) done();
  }

  override _read(): void {
    this.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(...textsIn(chunk));
    if (this.#stalled) this.#stalled.push(done);
    else done();
  }

  get ids(): string[] {
    return this.written.flatMap((text) => [...text.matchAll(/"id":"\$(\w+)"/g)].map(([, id]) => id!));
  }
}

async function openChannel(slice = 250, ticks: Partial<TickLimits> = { minMs: 0 }) {
  const clock = new TestClock(1_000_000);
  const random = seededRandom(1);
  const turns: ((isIdle?: boolean) => void)[] = [];
  const { window, tick, aggregates, socket } = LIVE_DEFAULTS;
  const channels = new Channels({
    ...{
      clock,
      random,
      window,
      aggregates,
      snapshotMessages: 50,
      recoveryEntries: 200,
      laneFrames: 100,
      maxWaiting: 1000,
    },
    ...{ order: new MemoryOrder({ clock, random, window }), tick: { ...tick, ...ticks }, onFault: () => undefined },
    fanOut: { socket, slice, deflateFrom: 2000, nextTurn: (fn) => turns.push((isIdle = false) => fn(isIdle)) },
  });
  const facts = { id: 'ch', room: '!r', facts: () => '"set":{}', displayRate: () => 1000 };
  const channel = await channels.open(facts);
  const writer = await channels.openWriter(facts);
  const closed: number[] = [];
  return {
    ...{ clock, channel, writer, turns, closed },
    join(from?: { epoch: string; seq: number }) {
      const pipe = new StallingPipe();
      const client = { close: (code: number) => void closed.push(code) };
      const viewer = new ViewerSocket(pipe, client, false, clock.now());
      const subscription = channel.fanOut.join(viewer, 'full', from, () => undefined);
      return { pipe, viewer, subscription };
    },
    say: (...ids: string[]) => Promise.all(ids.map((id) => writer.offerMessage(message(id), 0))),
    turnAll() {
      for (let turn = turns.shift(); turn; turn = turns.shift()) turn();
    },
  };
}

describe('fanning out', () => {
  it('writes to a slice of the viewers in each turn, and to all of them in order', async () => {
    const { join, say, turns, turnAll } = await openChannel(2);
    const viewers = [join(), join(), join(), join(), join()];
    await say('a');
    assert.deepEqual(
      viewers.map(({ pipe }) => pipe.ids.length),
      [1, 1, 0, 0, 0],
    );
    await say('b');
    turns.shift()?.();
    assert.deepEqual(
      viewers.map(({ pipe }) => pipe.ids.length),
      [1, 1, 2, 2, 0],
      'what was said meanwhile goes with it',
    );
    turnAll();
    for (const { pipe } of viewers) assert.deepEqual(pipe.ids, ['a', 'b']);
  });

  it('gives way to those who come at once, until all are in', async () => {
    const { join, say, turns } = await openChannel(20);
    const viewers = Array.from({ length: 40 }, () => join());
    const told = () => viewers.filter(({ pipe }) => pipe.ids.length > 0).length;
    await say('a');
    assert.equal(told(), 20);
    for (let turn = 0; turn < 149; turn++) turns.shift()?.();
    assert.equal(told(), 20);
    turns.shift()?.();
    assert.equal(told(), 40);
    await say('b');
    assert.deepEqual([viewers[0]?.pipe.ids, viewers[39]?.pipe.ids], [['a', 'b'], ['a']]);
    turns.shift()?.(true);
    assert.deepEqual(viewers[39]?.pipe.ids, ['a', 'b'], 'nobody else had work to do');
  });

  it('gives each slice a tick of its own, which is longer when there are many viewers', async () => {
    // Writing to five viewers costs as much as a tick of 250 ms has.
    for (const [cost, period] of [
      [0, 250],
      [50_000, 500],
    ] as const) {
      const { join, say, turnAll, clock } = await openChannel(2, { minMs: 250, writeCostUs: cost, budget: 0.5 });
      const viewers = [join(), join(), join(), join(), join()];
      const told = () => viewers.map(({ pipe }) => pipe.ids.join(''));
      clock.advance(1000);
      await say('a');
      clock.advance(100);
      turnAll();
      assert.deepEqual(told(), ['a', 'a', 'a', 'a', 'a']);
      await say('b');
      clock.advance(period - 101);
      assert.deepEqual(told(), ['a', 'a', 'a', 'a', 'a']);
      clock.advance(1);
      await say('c');
      turnAll();
      assert.deepEqual(told().slice(0, 3), ['ab', 'ab', 'a']);
      clock.advance(100);
      turnAll();
      assert.deepEqual(told().slice(2), ['abc', 'abc', 'abc']);
    }
  });

  it('tells deletions before the tick of a slice is over, and what waits in front of them', async () => {
    const { join, say, turnAll, clock, writer } = await openChannel(1, { minMs: 1000 });
    const viewers = [join(), join()];
    clock.advance(1000);
    await say('a');
    turnAll();
    await writer.offer(deletion('a'));
    turnAll();
    for (const { pipe } of viewers) assert.deepEqual(pipe.ids, ['a', 'a']);
    clock.advance(100);
    await say('b');
    turnAll();
    const second = writer.offer(deletion('b'));
    for (const { pipe } of viewers) assert.equal(pipe.ids.length, 2);
    clock.advance(150);
    await second;
    turnAll();
    for (const { pipe } of viewers) assert.deepEqual(pipe.ids.slice(2), ['b'], 'the deletion, and not what it deletes');
  });

  it('tells each slice the counts since its last tick, and how much was left out', async () => {
    const { join, channel, turnAll, clock } = await openChannel(1, { minMs: 1000 });
    const viewers = [join(), join()];
    for (let n = 0; n < 4; n++) {
      channel.feed.react('🔥', 1);
      clock.advance(500);
      turnAll();
    }
    clock.advance(1000);
    turnAll();
    for (const { pipe } of viewers) {
      const counts = pipe.written.flatMap((text) =>
        [...text.matchAll(/"🔥":(\d+)/g)].map(([, count]) => Number(count)),
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        4,
      );
      assert.ok(counts.length < 4);
    }
  });

  it('tells nobody twice or not at all who comes or goes while it writes', async () => {
    const { join, say, channel, turns, turnAll } = await openChannel(1);
    const [first, second, third] = [join(), join(), join()];
    await say('a');
    const late = join();
    channel.fanOut.leave(first.subscription);
    turns.shift()?.();
    channel.fanOut.leave(second.subscription);
    const resumed = join({ epoch: channel.feed.position.epoch, seq: 0 });
    turnAll();
    await say('b');
    turnAll();
    assert.deepEqual(first.pipe.ids, ['a']);
    assert.deepEqual(third.pipe.ids, ['a', 'b']);
    assert.deepEqual(late.pipe.ids, ['a', 'b']);
    assert.deepEqual(resumed.pipe.ids, ['a', 'b']);
  });

  it('catches up those for whom ticks were dropped, for writing took too long', async () => {
    const { join, say, turnAll } = await openChannel(1);
    const viewers = [join(), join()];
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await say(id);
    turnAll();
    for (const { pipe } of viewers) assert.deepEqual(pipe.ids, ['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('shows nobody who comes back what was deleted meanwhile, though it is not told yet', async () => {
    // The writer is ahead of what viewers are told.
    const { join, channel, say, writer } = await openChannel(250, { minMs: 250 });
    const { epoch } = channel.feed.position;
    await say('a');
    assert.deepEqual(join({ epoch, seq: 0 }).pipe.ids, ['a']);
    void writer.offer({ ...deletion('a'), isUrgent: false });
    await writer.flush();
    assert.equal(channel.feed.position.seq, 1);
    assert.equal(join({ epoch, seq: 0 }).pipe.written.join().includes('text a'), false);
  });

  it('takes no counts to a viewer that is behind, and goes on with messages', async () => {
    const { join, channel, say, clock } = await openChannel();
    const { pipe } = join();
    pipe.stall();
    await say('x'.repeat(70_000));
    channel.feed.react('🔥', 1);
    clock.advance(1000);
    await say('b');
    pipe.readOn();
    assert.equal(
      pipe.written.some((text) => text.includes('"rx"')),
      false,
    );
    assert.equal(pipe.ids.at(-1), 'b');
  });

  it('stops writing to a viewer that reads too little, and catches it up when it has read', async () => {
    const { join, say } = await openChannel();
    const [slow, other] = [join(), join()];
    slow.pipe.stall();
    await say('x'.repeat(300_000), 'a', 'b', 'c');
    assert.deepEqual(other.pipe.ids.slice(1), ['a', 'b', 'c']);
    assert.equal(slow.pipe.ids.length, 1);
    assert.notEqual(slow.viewer.laggingSince, undefined);
    slow.pipe.readOn();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(slow.pipe.ids.slice(1), ['a', 'b', 'c']);
    await say('d');
    assert.equal(slow.pipe.ids.at(-1), 'd');
    assert.equal(slow.pipe.ids.length, other.pipe.ids.length);
  });

  it('closes a viewer that has read nothing for half a minute, so that it may come back', async () => {
    const { join, say, clock, closed } = await openChannel();
    const { pipe, viewer } = join();
    pipe.stall();
    await say('x'.repeat(300_000), 'a');
    clock.advance(29_999);
    await say('b');
    assert.equal(viewer.isOpen, true);
    clock.advance(1);
    await say('c');
    assert.equal(viewer.isOpen, false);
    assert.deepEqual(closed, [4008]);
  });
});

describe('a stream of events', () => {
  it('ends for whoever reads it to its end, and is cut for whoever does not', async () => {
    const clock = new TestClock(1_000_000);
    const streams = [new EventStream(clock, 2000), new EventStream(clock, 2000)] as const;
    const [read, stalled] = streams;
    for (const stream of streams) {
      stream.tell('x'.repeat(100_000));
      stream.close(CLOSE.slow);
    }
    const chunks = await read.readable.toArray();
    assert.ok(Buffer.concat(chunks).includes('"op":"bye"'));
    clock.advance(1999);
    assert.equal(stalled.readable.destroyed, false);
    clock.advance(1);
    assert.equal(stalled.readable.destroyed, true);
    assert.equal(clock.pending, 0);
  });
});

describe('caps of sockets', () => {
  const limits = { ...LIVE_DEFAULTS.caps, sockets: 6, perIpv4: 3, perIpv6Network: 2 };
  const caps = (changes: Partial<typeof limits> = {}) => {
    const clock = new TestClock();
    return { clock, caps: new SocketCaps(clock, seededRandom(1), { ...limits, ...changes }) };
  };
  const outcomes = (of: SocketCaps, ...addresses: string[]) =>
    addresses.map((address) => {
      const verdict = of.admit(address);
      return verdict.admitted ? 'in' : verdict.reason;
    });

  it('count an IPv4 address, and an IPv6 network of 64 bits', () => {
    assert.deepEqual(outcomes(caps().caps, ...Array.from({ length: 4 }, () => '192.0.2.1')), [
      'in',
      'in',
      'in',
      'address',
    ]);
    const [a, b, c] = ['2001:db8::1', '2001:DB8:0:0:ffff::2', '2001:db8:0:1::1'];
    assert.deepEqual(outcomes(caps().caps, a!, b!, a!, c!), ['in', 'in', 'address', 'in']);
  });

  it('count the whole process', () => {
    const addresses = Array.from({ length: 7 }, (_, n) => `192.0.2.${n}`);
    assert.deepEqual(outcomes(caps().caps, ...addresses).slice(5), ['in', 'process']);
  });

  it('give back what is released, also when the salt of addresses has changed', () => {
    const { clock, caps: own } = caps({ perIpv4: 1 });
    const verdict = own.admit('192.0.2.1');
    assert.ok(verdict.admitted);
    clock.advance(2 * 86_400_000);
    own.release(verdict.key);
    assert.equal(own.open, 0);
    assert.deepEqual(outcomes(own, '192.0.2.1', '192.0.2.1'), ['in', 'address']);
  });

  it('bound how fast sockets come from an address', () => {
    const { clock, caps: own } = caps({ sockets: 100, perIpv4: 100, handshakes: { perSecond: 10, burst: 2 } });
    assert.deepEqual(outcomes(own, '192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2'), [
      'in',
      'in',
      'handshakes',
      'in',
    ]);
    clock.advance(100);
    assert.deepEqual(outcomes(own, '192.0.2.1'), ['in']);
  });

  it('know networks by any spelling of an address', () => {
    for (const address of ['2001:db8::', '2001:0DB8:0000:0:1::', '2001:db8:0:0:1:2:3:4', '2001:db8::1%eth0']) {
      assert.equal(networkOf(address), '2001:db8:0:0');
    }
    assert.equal(networkOf('::1'), '0:0:0:0');
  });
});
