/** What viewers are told as it stands and not as it came about: viewers, reactions, tallies. The latest wins. */

import { roundedCount } from './rounded-count.ts';

export interface AggregateLimits {
  /** Milliseconds between two counts of viewers, and the share by which a count has to differ to be told. */
  readonly viewersMs: number;
  readonly viewersShare: number;
  /** Milliseconds between two sums of reactions, and between two tallies. */
  readonly reactionsMs: number;
  /** Different reactions, and polls, that are counted at a time. */
  readonly maxKeys: number;
}

export class Aggregates {
  readonly #limits: AggregateLimits;
  #here = 0;
  #elsewhere = 0;
  #toldViewers = 0;
  #viewersAt = Number.NEGATIVE_INFINITY;
  readonly #reactions = new Map<string, number>();
  readonly #tallies = new Map<string, readonly number[]>();
  readonly #latestTallies = new Map<string, readonly number[]>();
  #sumsAt = Number.NEGATIVE_INFINITY;

  constructor(limits: AggregateLimits) {
    this.#limits = limits;
  }

  setViewers(count: number): void {
    this.#here = count;
  }

  /** Viewers who are connected to other processes. */
  setElsewhere(count: number): void {
    this.#elsewhere = count;
  }

  /** Viewers of this process. */
  get here(): number {
    return this.#here;
  }

  /** Viewers of all processes. */
  get viewers(): number {
    return this.#here + this.#elsewhere;
  }

  /** Adds reactions; kinds beyond the limit are not counted. */
  react(key: string, count: number): void {
    if (this.#reactions.has(key) || this.#reactions.size < this.#limits.maxKeys) {
      this.#reactions.set(key, (this.#reactions.get(key) ?? 0) + count);
    }
  }

  setTally(poll: string, counts: readonly number[]): void {
    if (this.#latestTallies.has(poll) || this.#latestTallies.size < this.#limits.maxKeys) {
      this.#tallies.set(poll, counts);
      this.#latestTallies.set(poll, counts);
    }
  }

  dropTally(poll: string): void {
    this.#tallies.delete(poll);
    this.#latestTallies.delete(poll);
  }

  /** Milliseconds since the epoch at which something is to be told; undefined if nothing has changed. */
  dueAt(): number | undefined {
    const due: number[] = [];
    if (this.#reactions.size > 0 || this.#tallies.size > 0) due.push(this.#sumsAt + this.#limits.reactionsMs);
    if (this.#viewersAreNews()) due.push(this.#viewersDue());
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** The JSON of what has changed and is due, which then counts as told; undefined if there is nothing. */
  take(now: number): string | undefined {
    const parts: string[] = [];
    if (this.#viewersAreNews() && this.#viewersDue() <= now) {
      parts.push(`"v":${roundedCount(this.viewers)}`);
      this.#toldViewers = this.viewers;
      this.#viewersAt = now;
    }
    const hasSums = this.#reactions.size > 0 || this.#tallies.size > 0;
    if (hasSums && this.#sumsAt + this.#limits.reactionsMs <= now) {
      if (this.#reactions.size > 0) parts.push(`"rx":${jsonOf(this.#reactions)}`);
      if (this.#tallies.size > 0) parts.push(`"pl":${jsonOf(this.#tallies)}`);
      this.#reactions.clear();
      this.#tallies.clear();
      this.#sumsAt = now;
    }
    return parts.length === 0 ? undefined : `{${parts.join()}}`;
  }

  /** The JSON of how it stands, for whoever comes. */
  current(): string {
    return `{"v":${roundedCount(this.viewers)}${this.#latestTallies.size === 0 ? '' : `,"pl":${jsonOf(this.#latestTallies)}`}}`;
  }

  #viewersAreNews(): boolean {
    const difference = Math.abs(this.viewers - this.#toldViewers);
    return difference > 0 && difference >= this.#toldViewers * this.#limits.viewersShare;
  }

  /** The first viewer and the last are told at once. */
  #viewersDue(): number {
    const isFirstOrLast = this.viewers === 0 || this.#toldViewers === 0;
    return isFirstOrLast ? Number.NEGATIVE_INFINITY : this.#viewersAt + this.#limits.viewersMs;
  }
}

/** One text of counts for several in order: reactions are added up, of all else the latest wins. */
export function mergedAggregates(texts: readonly string[]): string | undefined {
  if (texts.length < 2) return texts[0];
  const reactions = new Map<string, number>();
  const tallies = new Map<string, unknown>();
  let viewers: unknown;
  for (const text of texts) {
    const { v, rx = {}, pl = {} } = JSON.parse(text) as { v?: number; rx?: Record<string, number>; pl?: object };
    viewers = v ?? viewers;
    for (const [key, count] of Object.entries(rx)) reactions.set(key, (reactions.get(key) ?? 0) + count);
    for (const [poll, counts] of Object.entries(pl)) tallies.set(poll, counts);
  }
  const parts = viewers === undefined ? [] : [`"v":${String(viewers)}`];
  if (reactions.size > 0) parts.push(`"rx":${jsonOf(reactions)}`);
  if (tallies.size > 0) parts.push(`"pl":${jsonOf(tallies)}`);
  return `{${parts.join()}}`;
}

function jsonOf(map: ReadonlyMap<string, unknown>): string {
  return `{${[...map].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`;
}
