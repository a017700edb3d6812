/** The live channels of this process. */
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { AggregateLimits } from './aggregates.ts';
import { ChannelFeed } from './channel-feed.ts';
import { ChannelWriter } from './channel-writer.ts';
import { ModLane } from './mod-lane.ts';
import type { RoomOrder } from './order/room-order.ts';
import { FanOut, type FanOutOptions } from './sockets/fan-out.ts';
import { grainOf, type TickLimits, tickPeriod } from './tick-period.ts';
import { Turnover } from './turnover.ts';
import type { WindowLimits } from './window.ts';

export interface ChannelsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly order: RoomOrder;
  readonly window: WindowLimits;
  readonly tick: TickLimits;
  readonly aggregates: AggregateLimits;
  readonly fanOut: Omit<FanOutOptions, 'clock' | 'period' | 'turns' | 'onJoin' | 'onLeave'>;
  readonly snapshotMessages: number;
  readonly recoveryEntries: number;
  readonly maxWaiting: number;
  /** Frames of the moderators' lane that are kept. */
  readonly laneFrames: number;
  onFault(error: unknown): void;
}

/** What a channel is asked for while it is open. */
export interface ChannelFacts {
  readonly id: string;
  readonly room: string;
  /** Members of a JSON object for snapshots, as `"set":{},"pin":null`. */
  facts(): string;
  /** Messages a second that viewers see. */
  displayRate(): number;
}

export interface OpenChannel {
  readonly id: string;
  readonly room: string;
  /** Names the channel in frames. */
  readonly handle: number;
  readonly feed: ChannelFeed;
  readonly fanOut: FanOut;
  /** What moderators are told. */
  readonly lane: ModLane;
  /** Milliseconds of a tick, at least. */
  readonly tickMs: number;
}

export class Channels {
  readonly #options: ChannelsOptions;
  readonly #open = new Map<string, Promise<OpenChannel>>();
  readonly #turnover: Turnover;
  #lastHandle = 0;
  /** Counted as they come and go, for each tick of each channel asks. */
  #viewers = 0;

  constructor(options: ChannelsOptions) {
    this.#options = options;
    this.#turnover = new Turnover(options.clock);
  }

  /** Viewers of all channels. */
  get viewers(): number {
    return this.#viewers;
  }

  /** The channel of a room, which is opened by whoever asks first. Rejects if the order is out of reach. */
  open(channel: ChannelFacts): Promise<OpenChannel> {
    const known = this.#open.get(channel.room);
    if (known) return known;
    const opening = this.#start(channel);
    this.#open.set(channel.room, opening);
    opening.catch(() => this.#open.delete(channel.room));
    return opening;
  }

  /** The one writer of a channel among all processes; the last that asks is it. */
  async openWriter({ room, displayRate }: ChannelFacts): Promise<ChannelWriter> {
    const { clock, random, order, tick, maxWaiting, snapshotMessages: keptMessages, onFault } = this.#options;
    return ChannelWriter.open({
      ...{ room, order, clock, random, maxWaiting, keptMessages, displayRate, onFault },
      ...{ tickMs: tick.minMs, grainMs: grainOf(tick) },
    });
  }

  /** Closes a channel that has no viewers any more. */
  async close(room: string): Promise<void> {
    const opening = this.#open.get(room);
    if (!opening) return;
    this.#open.delete(room);
    const channel = await opening;
    channel.feed.close();
  }

  /** Closes a channel, and lets go of its order: whoever comes next begins anew. */
  async forget(room: string): Promise<void> {
    await this.close(room);
    await this.#options.order.forget(room);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((room) => this.close(room)));
  }

  async #start({ id, room, facts }: ChannelFacts): Promise<OpenChannel> {
    const { clock, order, window, tick, aggregates, snapshotMessages, recoveryEntries, onFault } = this.#options;
    this.#lastHandle += 1;
    const handle = this.#lastHandle;
    const fanOut = new FanOut({
      ...{ clock, ...this.#options.fanOut },
      period: () => tickPeriod(this.#viewers, tick, this.#turnover.perSecond),
      turns: () => this.#turnover.turnsBetween,
      onJoin: () => {
        this.#viewers += 1;
        this.#turnover.note();
      },
      onLeave: () => {
        this.#viewers -= 1;
        this.#turnover.note();
      },
    });
    const grain = grainOf(tick);
    const feed = new ChannelFeed(
      {
        ...{ room, handle, order, clock, window, aggregates, snapshotMessages, recoveryEntries, facts, onFault },
        tickMs: grain,
      },
      fanOut,
    );
    fanOut.attach(feed);
    await feed.open();
    const lane = new ModLane(handle, this.#options.laneFrames);
    return { id, room, handle, feed, fanOut, lane, tickMs: tick.minMs };
  }
}
