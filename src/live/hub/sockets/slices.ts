/**
 * The viewers of a channel in slices, each written to in one turn of the event loop and each with a tick of its own: what
 * is said is told within a tick by every slice, without those at the end waiting for all others as well.
 */
import type { Clock } from '../../../util/clock.ts';
import { left } from '../pacer.ts';

export interface Slice<V> {
  readonly viewers: Set<V>;
  /** The version up to which it has been told. */
  heard: number;
  toldAt: number;
  /** When it was last told before its tick was over. */
  hurriedAt: number;
}

/** Milliseconds between two times that a slice is told before its tick is over. */
const URGENT_MS = 250;
const NEVER = Number.NEGATIVE_INFINITY;

export class Slices<V> {
  readonly #clock: Clock;
  readonly #size: number;
  readonly #period: () => number;
  /** By what they have heard, the least first; of those that have heard the same, by when they were told. */
  readonly #slices: Slice<V>[] = [];
  #version = 0;
  /** The version for which nobody waits until the tick is over. */
  #urgent = 0;
  #viewers = 0;

  constructor(clock: Clock, size: number, period: () => number) {
    this.#clock = clock;
    this.#size = size;
    this.#period = period;
  }

  /** Viewers of all slices. */
  get viewers(): number {
    return this.#viewers;
  }

  /** The version that all slices have heard. */
  get heardByAll(): number {
    return this.#slices[0]?.heard ?? this.#version;
  }

  /** Adds the viewer that `make` makes for its slice. */
  add(make: (slice: Slice<V>) => V): V {
    let slice = this.#slices.findLast(({ viewers }) => viewers.size < this.#size);
    if (!slice) {
      // The first viewer of a channel is told at once; of many that come, each has just been told how things stand.
      const toldAt = this.#slices.length === 0 ? NEVER : this.#clock.now();
      slice = { viewers: new Set(), heard: this.#version, toldAt, hurriedAt: NEVER };
      this.#slices.push(slice);
    }
    const viewer = make(slice);
    slice.viewers.add(viewer);
    this.#viewers += 1;
    return viewer;
  }

  /** Whether it was there. */
  remove(viewer: V, slice: Slice<V>): boolean {
    if (!slice.viewers.delete(viewer)) return false;
    this.#viewers -= 1;
    if (slice.viewers.size === 0) this.#slices.splice(this.#slices.indexOf(slice), 1);
    return true;
  }

  /** There is something to tell. Answers its version. */
  news(isUrgent: boolean): number {
    this.#version += 1;
    if (isUrgent) this.#urgent = this.#version;
    return this.#version;
  }

  /** Milliseconds until the next slice is to be told; undefined if all have heard everything. */
  wait(): number | undefined {
    const slice = this.#slices[0];
    if (!slice || slice.heard === this.#version) return undefined;
    const now = this.#clock.now();
    const wait = left(slice.toldAt, this.#period(), now);
    return slice.heard < this.#urgent ? Math.min(wait, left(slice.hurriedAt, URGENT_MS, now)) : wait;
  }

  /** The slice to tell now, with the version that it has heard; it counts as told from then on. */
  take(): { readonly slice: Slice<V>; readonly heard: number } | undefined {
    const slice = this.#slices.shift();
    if (!slice) return undefined;
    this.#slices.push(slice);
    const { heard } = slice;
    const now = this.#clock.now();
    if (left(slice.toldAt, this.#period(), now) > 0) slice.hurriedAt = now;
    slice.heard = this.#version;
    slice.toldAt = now;
    return { slice, heard };
  }
}
