import type { Clock } from '../../src/util/clock.ts';

interface Timer {
  at: number;
  readonly every?: number;
  readonly fn: () => void;
}

/** Time that stands still until a test advances it. */
export class TestClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Timers that are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  after(ms: number, fn: () => void): () => void {
    return this.#add({ at: this.#now + ms, fn });
  }

  every(ms: number, fn: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: ms, fn });
  }

  /** Lets `ms` pass: runs what falls due on the way, in order, each at its time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#now = timer.at;
      if (timer.every === undefined) this.#timers.delete(timer);
      else timer.at += timer.every;
      timer.fn();
    }
    this.#now = end;
  }

  /** Lets `ms` pass as if the machine slept: what falls due runs once, at the end. */
  sleep(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      // What fell due before it may have called it off.
      if (!this.#timers.has(timer)) continue;
      if (timer.every === undefined) this.#timers.delete(timer);
      else timer.at = this.#now + timer.every;
      timer.fn();
    }
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }
}
