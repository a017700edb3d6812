import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import type { ChannelWriter } from '../../../src/live/hub/channel-writer.ts';
import { Channels, type OpenChannel } from '../../../src/live/hub/channels.ts';
import { MemoryOrder } from '../../../src/live/hub/order/memory-order.ts';
import type { Position, PublishedBatch } from '../../../src/live/hub/order/room-order.ts';
import type { Subscription } from '../../../src/live/hub/sockets/fan-out.ts';
import { ViewerSocket } from '../../../src/live/hub/sockets/viewer-socket.ts';
import { TestClock } from '../../support/test-clock.ts';
import { LIVE_DEFAULTS } from '../gateway/live-server.ts';
import { numbersOf } from '../gateway/test-viewer.ts';
import { deletion, message } from './room-order-suite.ts';
import { seededRandom } from './seeded-random.ts';
import { textsIn } from './server-frames.ts';

interface Frame {
  readonly op: string;
  readonly epoch?: string;
  readonly p?: number;
  readonly q?: number;
  readonly seq?: number;
  readonly ev?: readonly { readonly s?: number; readonly k: string; readonly id?: string }[];
}

/** A client that believes nothing: every frame has to go on exactly where the one before ended. */
class ModelViewer extends Duplex {
  position: Position | undefined;
  readonly shown = new Set<string>();
  #stalled: (() => void)[] | undefined;
  subscription: Subscription | undefined;
  viewer: ViewerSocket | undefined;

  constructor() {
    super({ writableHighWaterMark: 500 });
  }

  stall(): void {
    this.#stalled ??= [];
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
    for (const text of textsIn(chunk)) this.#take(JSON.parse(text) as Frame);
    if (this.#stalled) this.#stalled.push(done);
    else done();
  }

  #take(frame: Frame): void {
    if (frame.op === 'snap') {
      this.position = { epoch: frame.epoch!, seq: frame.seq! };
      this.shown.clear();
    }
    if (frame.op === 't') {
      assert.equal(frame.p, this.position?.seq, 'a frame goes on where the one before ended');
      assert.deepEqual(
        numbersOf(frame),
        Array.from({ length: frame.q! - frame.p! }, (_, n) => frame.p! + 1 + n),
      );
      this.position = { epoch: this.position!.epoch, seq: frame.q! };
    }
    for (const { k, id } of frame.ev ?? []) {
      if (k === 'm') {
        assert.equal(this.shown.has(id!), false, `${id} was told twice`);
        this.shown.add(id!);
      }
      if (k === 'd') this.shown.delete(id!);
    }
  }
}

class TroubledOrder extends MemoryOrder {
  isLosing = false;
  failures = 0;

  override follow(room: string, listener: (batch: PublishedBatch) => void) {
    return super.follow(room, (batch) => {
      if (!this.isLosing) listener(batch);
    });
  }

  override async read(...args: Parameters<MemoryOrder['read']>) {
    this.failures -= 1;
    if (this.failures >= 0) throw new Error('out of reach');
    return super.read(...args);
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const WINDOW = { maxAgeMs: 120_000, maxEntries: 60 };

/** A channel, its viewers, and everything that may go wrong, by lot. */
class Run {
  readonly clock = new TestClock(1_000_000);
  readonly random;
  readonly order;
  readonly turns: (() => void)[] = [];
  readonly viewers: ModelViewer[] = [];
  readonly away: ModelViewer[] = [];
  readonly deleted = new Set<string>();
  readonly said: string[] = [];
  channel!: OpenChannel;
  writer!: ChannelWriter;
  readonly #channels;
  readonly #facts = { id: 'ch', room: '!r', facts: () => '"set":{}', displayRate: () => 1000 };

  constructor(seed: number) {
    const random = seededRandom(seed);
    const { clock } = this;
    this.random = random;
    this.order = new TroubledOrder({ clock, random, window: WINDOW });
    const { tick, aggregates, socket } = LIVE_DEFAULTS;
    this.#channels = new Channels({
      ...{ clock, random, window: WINDOW, tick, aggregates, maxWaiting: 1000, order: this.order },
      ...{ snapshotMessages: 50, recoveryEntries: 7, laneFrames: 100, onFault: () => undefined },
      fanOut: {
        socket: { ...socket, lossyBytes: 500, lagBytes: 1500 },
        ...{ slice: 2, deflateFrom: 1e9, nextTurn: (fn) => this.turns.push(() => fn(false)) },
      },
    });
  }

  async open(): Promise<void> {
    this.channel = await this.#channels.open(this.#facts);
    this.writer = await this.#channels.openWriter(this.#facts);
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return this.random.bytes(4).readUInt32BE() % limit;
  }

  join(viewer: ModelViewer): void {
    viewer.viewer = new ViewerSocket(viewer, { close: () => undefined }, false, this.clock.now());
    viewer.subscription = this.channel.fanOut.join(viewer.viewer, 'full', viewer.position, () => undefined);
    this.viewers.push(viewer);
  }

  async step(): Promise<void> {
    const { viewers, away, said, order, clock } = this;
    switch (this.below(14)) {
      case 0:
        this.join(new ModelViewer());
        break;
      case 1: {
        const [viewer] = viewers.splice(this.below(viewers.length + 1), 1);
        if (!viewer) break;
        this.channel.fanOut.leave(viewer.subscription!);
        viewer.viewer!.gone();
        viewer.readOn();
        away.push(viewer);
        break;
      }
      case 2: {
        const [viewer] = away.splice(this.below(away.length + 1), 1);
        if (!viewer) break;
        const again = new ModelViewer();
        again.position = viewer.position;
        for (const id of viewer.shown) again.shown.add(id);
        this.join(again);
        break;
      }
      case 3:
        viewers[this.below(viewers.length + 1)]?.stall();
        break;
      case 4:
        viewers[this.below(viewers.length + 1)]?.readOn();
        break;
      case 5:
        order.isLosing = !order.isLosing;
        break;
      case 6:
        order.failures = this.below(3);
        break;
      case 7: {
        const id = said[this.below(said.length + 1)];
        if (id === undefined) break;
        this.deleted.add(`$${id}`);
        void this.writer.offer(deletion(id));
        break;
      }
      case 8:
        if (this.below(8) > 0) break;
        await order.forget('!r');
        this.writer = await this.#channels.openWriter(this.#facts);
        break;
      case 9:
        clock.advance(this.below(20) === 0 ? 130_000 : this.below(600));
        break;
      case 10:
        this.turns.shift()?.();
        break;
      default:
        for (let n = this.below(6); n >= 0; n--) {
          said.push(String(said.length));
          void this.writer.offerMessage(message(said.at(-1)!), 0);
        }
    }
    await settled();
  }

  /** Lets all troubles end, so that everybody has been told everything. */
  async calm(): Promise<void> {
    this.order.isLosing = false;
    this.order.failures = 0;
    for (const viewer of this.viewers) viewer.readOn();
    for (let round = 0; round < 8; round++) {
      if (round === 1) void this.writer.offerMessage(message('last'), 0);
      this.clock.advance(1000);
      await settled();
      for (let turn = this.turns.shift(); turn; turn = this.turns.shift()) turn();
      await settled();
    }
  }
}

describe('viewers of a channel in which everything goes wrong', () => {
  const seeds = Number(process.env['LIVE_MODEL_RUNS'] ?? 60);
  it(`are told everything once and in order, or that they begin anew (${seeds} runs by lot)`, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const run = new Run(seed);
      await run.open();
      try {
        for (let n = 0; n < 150; n++) await run.step();
        await run.calm();
        // Whoever read too little for too long was closed, and would come back.
        for (const viewer of run.viewers.filter(({ viewer }) => viewer?.isOpen)) {
          assert.deepEqual(viewer.position, run.channel.feed.position);
          assert.equal(viewer.shown.has('$last'), true);
          for (const id of run.deleted) assert.equal(viewer.shown.has(id), false, `${id} was deleted`);
        }
      } catch (error) {
        throw new Error(`with seed ${seed}`, { cause: error });
      }
    }
  }).timeout(60_000);
});
