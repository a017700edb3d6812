/** Gathers what is counted in a channel for another process: reactions are added up, of all else the latest wins. */
import type { Clock } from '../../util/clock.ts';
import type { ChannelFeed, FeedObserver } from '../hub/channel-feed.ts';
import type { SumsJson } from './messages.ts';

export interface SumsLimits {
  /** Milliseconds between two sums. */
  readonly everyMs: number;
  /** Different reactions, and polls, of a channel. */
  readonly maxKeys: number;
}

export interface SumsParts {
  readonly clock: Clock;
  readonly limits: SumsLimits;
  readonly channelId: string;
  readonly feed: ChannelFeed;
  /** The viewers that the other end is told of. */
  viewers(): number;
  tell(sums: SumsJson): void;
  /** What `facts` of the feed answers may have changed. */
  factsChanged(): void;
}

/** Observes a feed for another process, and takes in what that one says. */
export class Sums implements FeedObserver {
  readonly #parts: SumsParts;
  readonly #reactions = new Map<string, number>();
  readonly #tallies = new Map<string, readonly number[] | null>();
  readonly #stop: () => void;
  #cancel: (() => void) | undefined;
  #toldViewers: number | undefined;

  /** `toldViewers`: what the other end knows. */
  constructor(parts: SumsParts, toldViewers: number | undefined) {
    this.#parts = parts;
    this.#toldViewers = toldViewers;
    this.#stop = parts.feed.observe(this);
  }

  viewersChanged(): void {
    if (this.#parts.viewers() !== this.#toldViewers) this.#soon();
  }

  reacted(key: string, count: number): void {
    this.#note(this.#reactions, key, (this.#reactions.get(key) ?? 0) + count);
  }

  tallied(poll: string, counts: readonly number[] | undefined): void {
    this.#note(this.#tallies, poll, counts ?? null);
  }

  factsChanged(): void {
    this.#parts.factsChanged();
  }

  /** What the other end says of reactions and polls. */
  take({ reactions = [], tallies = [] }: SumsJson): void {
    const { feed } = this.#parts;
    for (const [key, count] of reactions) feed.react(key, count, this);
    for (const [poll, counts] of tallies) feed.setTally(poll, counts ?? undefined, this);
  }

  stop(): void {
    this.#stop();
    this.#cancel?.();
  }

  #note<V>(map: Map<string, V>, key: string, value: V): void {
    if (!map.has(key) && map.size >= this.#parts.limits.maxKeys) return;
    map.set(key, value);
    this.#soon();
  }

  #soon(): void {
    const { clock, limits } = this.#parts;
    this.#cancel ??= clock.after(limits.everyMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    const { channelId: ch, tell, viewers: count, factsChanged } = this.#parts;
    const viewers = count();
    const [reactions, tallies] = [[...this.#reactions], [...this.#tallies]];
    tell({
      ch,
      ...(viewers === this.#toldViewers ? {} : { viewers }),
      ...(reactions.length === 0 ? {} : { reactions }),
      ...(tallies.length === 0 ? {} : { tallies }),
    });
    this.#toldViewers = viewers;
    this.#reactions.clear();
    this.#tallies.clear();
    // The polls among them say how the votes stand.
    if (tallies.length > 0) factsChanged();
  }
}
