import assert from 'node:assert/strict';
import { ChannelFeed, type Joined } from '../../../src/live/hub/channel-feed.ts';
import { ChannelWriter } from '../../../src/live/hub/channel-writer.ts';
import { MemoryOrder } from '../../../src/live/hub/order/memory-order.ts';
import type { PublishedBatch, RoomOrder } from '../../../src/live/hub/order/room-order.ts';
import { FrameCache } from '../../../src/live/hub/sockets/frame-cache.ts';
import { type TickParts, tickText } from '../../../src/live/hub/tick.ts';
import type { Clock } from '../../../src/util/clock.ts';
import { TestClock } from '../../support/test-clock.ts';
import { batch, deletion, message } from './room-order-suite.ts';
import { seededRandom } from './seeded-random.ts';

const WINDOW = { maxAgeMs: 120_000, maxEntries: 3000 };

interface Setting {
  readonly clock: TestClock;
  readonly order: RoomOrder;
  readonly feed: ChannelFeed;
  readonly writer: ChannelWriter;
  readonly ticks: TickParts[];
  resets: number;
  displayRate: number;
}

/** Lets everything run that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

interface Options {
  readonly tickMs?: number;
  readonly clock?: TestClock;
  readonly order?: (clock: Clock) => RoomOrder;
  /** Entries that the feed keeps. */
  readonly maxEntries?: number;
}

async function open(options: Options = {}) {
  const clock = options.clock ?? new TestClock(1_000_000);
  const random = seededRandom(1);
  const order = options.order?.(clock) ?? new MemoryOrder({ clock, random, window: WINDOW });
  const tickMs = options.tickMs ?? 250;
  const setting = { clock, order, ticks: [] as TickParts[], resets: 0, displayRate: 20 };
  const faults: unknown[] = [];
  const feed = new ChannelFeed(
    {
      ...{
        room: '!r',
        handle: 7,
        order,
        clock,
        window: { ...WINDOW, maxEntries: options.maxEntries ?? WINDOW.maxEntries },
        snapshotMessages: 50,
        recoveryEntries: 200,
        laneFrames: 100,
      },
      tickMs,
      aggregates: { viewersMs: 5000, viewersShare: 0.01, reactionsMs: 500, maxKeys: 50 },
      facts: () => '"set":{"slow":0}',
      onFault: (error) => faults.push(error),
    },
    {
      tick: (parts) => setting.ticks.push(parts),
      reset: () => {
        setting.resets += 1;
      },
    },
  );
  await feed.open();
  const writer = await ChannelWriter.open({
    ...{ room: '!r', order, clock, random, tickMs, maxWaiting: 1000, keptMessages: 50 },
    displayRate: () => setting.displayRate,
    onFault: (error) => faults.push(error),
  });
  return Object.assign(setting, { feed, writer, faults }) as Setting & { faults: unknown[] };
}

async function say(setting: Setting, ...ids: string[]): Promise<void> {
  for (const id of ids) void setting.writer.offerMessage(message(id), 3);
  await settled();
}

async function pass(setting: Setting, ms: number): Promise<void> {
  setting.clock.advance(ms);
  await settled();
}

const ids = ({ entries }: TickParts) => entries.map(({ eventId }) => eventId);

describe('a live channel', () => {
  it('tells at once what comes after silence, and then gathers for a tick', async () => {
    const setting = await open();
    await say(setting, 'a');
    await say(setting, 'b', 'c');
    assert.deepEqual(setting.ticks.map(ids), [['$a']]);
    await pass(setting, 249);
    assert.equal(setting.ticks.length, 1);
    await pass(setting, 1);
    assert.deepEqual(setting.ticks.map(ids), [['$a'], ['$b', '$c']]);
    assert.deepEqual([setting.ticks[1]?.previous, setting.ticks[1]?.last], [1, 3]);
  });

  it('says nothing when there is nothing to say', async () => {
    const setting = await open();
    await say(setting, 'a');
    await pass(setting, 60_000);
    assert.equal(setting.ticks.length, 1);
    assert.equal(setting.clock.pending, 0);
  });

  it('tells each message by itself where it gathers nothing', async () => {
    const setting = await open({ tickMs: 0 });
    await say(setting, 'a', 'b', 'c');
    assert.deepEqual(setting.ticks.map(ids), [['$a'], ['$b'], ['$c']]);
  });

  it('tells deletions before the tick is over, and what waits in front of them', async () => {
    const setting = await open();
    await say(setting, 'a');
    await say(setting, 'b');
    void setting.writer.offer(deletion('a'));
    await settled();
    assert.deepEqual(
      setting.ticks[1]?.entries.map(({ kind }) => kind),
      ['m', 'd'],
    );
    void setting.writer.offer(deletion('b'));
    await settled();
    assert.equal(setting.ticks.length, 2);
    await pass(setting, 250);
    assert.equal(setting.ticks.length, 3);
  });

  it('never tells the text of what is deleted in the same tick', async () => {
    const setting = await open();
    await say(setting, 'a');
    await say(setting, 'b');
    void setting.writer.offer({ ...deletion('b'), isUrgent: false });
    await pass(setting, 250);
    assert.deepEqual(
      setting.ticks[1]?.entries.map(({ kind }) => kind),
      ['tb', 'd'],
    );
  });

  it('shows as much as the room wants, counts the rest, and numbers only what it shows', async () => {
    const setting = await open();
    setting.displayRate = 2;
    const outcomes = Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => setting.writer.offerMessage(message(id), 3)));
    void setting.writer.offerMessage(message('streamer'), 0);
    await settled();
    await pass(setting, 250);
    const kinds = (await outcomes).map(({ outcome }) => outcome);
    const shown = setting.ticks.flatMap(({ entries }) => entries);
    assert.equal(kinds.filter((kind) => kind === 'skipped').length, 6 - shown.length);
    assert.equal(
      setting.ticks.reduce((sum, { skipped }) => sum + skipped, 0),
      6 - shown.length,
    );
    assert.ok(shown.some(({ eventId }) => eventId === '$streamer'));
    assert.deepEqual(
      shown.map(({ seq }) => seq),
      shown.map((_, index) => index + 1),
    );
  });

  it('tells whose place in the log was reached before that viewers have it', async () => {
    const setting = await open();
    await setting.writer.offerMessage(message('a', 5), 3);
    const again = await ChannelWriter.open({
      ...{ room: '!r', order: setting.order, clock: setting.clock, random: seededRandom(2), tickMs: 0, maxWaiting: 9 },
      ...{ displayRate: () => 20, keptMessages: 50, onFault: () => undefined },
    });
    assert.equal(again.logPosition, 5);
    assert.deepEqual(await again.offerMessage(message('a', 5), 3), { outcome: 'known' });
    assert.equal((await again.offerMessage(message('b', 6), 3)).outcome, 'numbered');
    const old = setting.writer.offerMessage(message('b', 6), 3);
    await pass(setting, 250);
    assert.deepEqual(await old, { outcome: 'superseded' });
  });

  it('keeps its pace when the clock is set back or forward', async () => {
    const setting = await open();
    await say(setting, 'a');
    const back = new TestClock(setting.clock.now() - 3_600_000);
    setting.clock.now = () => back.now();
    await say(setting, 'b');
    assert.deepEqual(setting.ticks.map(ids), [['$a'], ['$b']]);
  });
});

/** What a client has after joining: from nothing, or from where it was. */
function textsOf({ snapshot, missed }: Joined): string {
  return [snapshot?.text ?? '', ...missed.map((parts) => tickText(parts, 'full') ?? '')].join('\n');
}

describe('joining a live channel', () => {
  it('gives the snapshot to whoever comes, and the same one for a second', async () => {
    const setting = await open();
    await say(setting, 'a');
    const first = setting.feed.join();
    assert.equal(first.isRecovered, false);
    assert.equal(first.position.seq, 1);
    const snap = JSON.parse(first.snapshot?.text ?? '') as { seq: number; ev: { id: string }[]; set: unknown };
    assert.deepEqual([snap.seq, snap.ev.map(({ id }) => id), snap.set], [1, ['$a'], { slow: 0 }]);
    await pass(setting, 250);
    await say(setting, 'b');
    const second = setting.feed.join();
    assert.equal(second.snapshot, first.snapshot);
    assert.deepEqual(second.missed.map(ids), [['$b']]);
    await pass(setting, 1000);
    assert.deepEqual(setting.feed.join().missed, []);
  });

  it('goes on where a client was, without a gap', async () => {
    const setting = await open();
    await say(setting, 'a');
    const { position } = setting.feed.join();
    await say(setting, 'b', 'c');
    await pass(setting, 250);
    const joined = setting.feed.join(position);
    assert.equal(joined.isRecovered, true);
    assert.deepEqual(joined.missed.map(ids), [['$b', '$c']]);
    assert.equal(tickText(joined.missed[0]!, 'full')?.endsWith('"re":1}'), true);
    assert.deepEqual(setting.feed.join(joined.position).missed, []);
  });

  it('catches up in frames of at most 200 entries', async () => {
    const setting = await open();
    setting.displayRate = 1000;
    const { position } = setting.feed.join();
    await say(setting, ...Array.from({ length: 450 }, (_, n) => String(n)));
    await pass(setting, 250);
    const { missed } = setting.feed.join(position);
    assert.deepEqual(
      missed.map(({ previous, last }) => [previous, last]),
      [
        [0, 200],
        [200, 400],
        [400, 450],
      ],
    );
  });

  it('begins anew for a client of another epoch, or from before the window', async () => {
    const setting = await open();
    await say(setting, 'a');
    const { position } = setting.feed.join();
    assert.equal(setting.feed.join({ ...position, epoch: 'other' }).isRecovered, false);
    assert.equal(setting.feed.join({ ...position, seq: 5000 }).isRecovered, false);
    await pass(setting, 121_000);
    await say(setting, 'b');
    assert.equal(setting.feed.join({ ...position, seq: 0 }).isRecovered, false);
    assert.equal(setting.feed.join(position).isRecovered, true);
  });

  it('shows nothing of what was deleted, neither in the snapshot nor when it catches up', async () => {
    const setting = await open();
    const { position } = setting.feed.join();
    await say(setting, 'a');
    assert.match(textsOf(setting.feed.join()), /text a/);
    void setting.writer.offer(deletion('a'));
    await settled();
    assert.doesNotMatch(textsOf(setting.feed.join()), /text a/);
    assert.doesNotMatch(textsOf(setting.feed.join(position)), /text a/);
  });

  it('tells nothing that is not told to all yet', async () => {
    const setting = await open();
    await say(setting, 'a');
    void setting.writer.offerMessage(message('b'), 3);
    await setting.writer.flush();
    const joined = setting.feed.join();
    assert.equal(joined.position.seq, 1);
    assert.doesNotMatch(textsOf(joined), /text b/);
    await pass(setting, 250);
    assert.equal(setting.ticks.at(-1)?.previous, 1);
  });
});

/** An order whose notices can be lost, and whose reads can fail. */
class LossyOrder extends MemoryOrder {
  lose = false;
  failures = 0;

  override follow(room: string, listener: (batch: PublishedBatch) => void) {
    return super.follow(room, (batch) => {
      if (!this.lose) listener(batch);
    });
  }

  override async read(...args: Parameters<MemoryOrder['read']>) {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('out of reach');
    }
    return super.read(...args);
  }
}

describe('a live channel whose order loses things', () => {
  const lossy = () => {
    const orders: LossyOrder[] = [];
    const order = (clock: Clock) => {
      const made = new LossyOrder({ clock, random: seededRandom(3), window: WINDOW });
      orders.push(made);
      return made;
    };
    return { order, lossyOrder: () => orders[0]! };
  };

  it('reads what it was not told, and tells nothing past the hole before', async () => {
    const { order, lossyOrder } = lossy();
    const setting = await open({ order });
    await say(setting, 'a');
    lossyOrder().lose = true;
    await say(setting, 'b');
    await pass(setting, 250);
    lossyOrder().lose = false;
    lossyOrder().failures = 2;
    await say(setting, 'c');
    await pass(setting, 250);
    assert.equal(setting.ticks.length, 1);
    assert.equal(setting.faults.length, 1);
    await say(setting, 'd');
    await pass(setting, 1000);
    await pass(setting, 1000);
    await pass(setting, 250);
    assert.deepEqual(setting.ticks.flatMap(ids), ['$a', '$b', '$c', '$d']);
    assert.equal(setting.resets, 0);
  });

  it('keeps no more than a window of what comes meanwhile, and misses nothing of the rest', async () => {
    const { order, lossyOrder } = lossy();
    const setting = await open({ order, maxEntries: 3 });
    await say(setting, 'a');
    await pass(setting, 250);
    lossyOrder().lose = true;
    await say(setting, 'b');
    await pass(setting, 250);
    lossyOrder().lose = false;
    lossyOrder().failures = 1;
    for (const id of ['c', 'd', 'e', 'f', 'g', 'h']) {
      await say(setting, id);
      await pass(setting, 100);
    }
    await pass(setting, 1000);
    await pass(setting, 250);
    assert.equal(setting.feed.position.seq, 8);
    assert.match(textsOf(setting.feed.join()), /text h/);
  });

  it('begins anew where the order did', async () => {
    const { order, lossyOrder } = lossy();
    const setting = await open({ order });
    await say(setting, 'a');
    const { position } = setting.feed.join();
    await lossyOrder().forget('!r');
    const { fence } = await lossyOrder().takeOver('!r');
    await lossyOrder().append('!r', fence, batch(message('b')));
    await settled();
    assert.equal(setting.resets, 1);
    assert.equal(setting.feed.join(position).isRecovered, false);
    assert.match(setting.feed.snapshot().text, /text b/);
  });
});

describe('frames', () => {
  it('are made for each profile: no counts for lite, no bots for overlays', async () => {
    const setting = await open();
    setting.feed.setViewers(5);
    void setting.writer.offerMessage({ ...message('bot'), noOverlay: true }, 0);
    await say(setting, 'a');
    await pass(setting, 5000);
    const texts = (profile: 'full' | 'lite' | 'overlay') =>
      setting.ticks.map((parts) => tickText(parts, profile)).join();
    assert.match(texts('full'), /"v":5/);
    assert.doesNotMatch(texts('lite'), /"v":5/);
    assert.match(texts('lite'), /text bot/);
    assert.doesNotMatch(texts('overlay'), /text bot/);
    assert.match(texts('overlay'), /text a/);
    for (const parts of setting.ticks) JSON.parse(tickText(parts, 'full') ?? '{}');
  });

  it('tell the counts when they are due, without a message', async () => {
    const setting = await open();
    setting.feed.react('🔥', 3);
    setting.feed.react('🔥', 2);
    await pass(setting, 500);
    assert.deepEqual(
      setting.ticks.map(({ aggregates }) => aggregates),
      ['{"rx":{"🔥":3}}', '{"rx":{"🔥":2}}'],
    );
  });
});

describe('the frames of a channel', () => {
  it('are made once for all who stand at a place, and are not kept for ever where only counts change', async () => {
    const { feed } = await open();
    const frames = new FrameCache(feed);
    const tickOf = (viewers: number) => frames.tickSince(0, 'full', { aggregates: `{"v":${viewers}}`, skipped: 0 });
    const first = tickOf(1);
    for (let viewers = 2; viewers <= 1000; viewers++) tickOf(viewers);
    assert.equal(tickOf(1), first);
    tickOf(1001);
    assert.notEqual(tickOf(1), first);
  });
});
