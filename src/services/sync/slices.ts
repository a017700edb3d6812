import type { Clock } from '../../util/clock.ts';

/** Milliseconds of work after which others have their turn. */
const SLICE_MS = 5;

/**
 * Cuts long computations into slices, one for each turn of the event loop however many computations there are, so that
 * short requests are answered in between.
 */
export class Slices {
  private readonly clock: Clock;
  private readonly waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** What a computation asks after each step: a promise to wait for when its slice is over, undefined before. */
  begin(): () => Promise<void> | undefined {
    let start = this.clock.now();
    return () => {
      if (this.clock.now() - start < SLICE_MS) return undefined;
      return this.nextSlice().then(() => {
        start = this.clock.now();
      });
    };
  }

  private nextSlice(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) setImmediate(this.letOneGoOn);
    });
  }

  private readonly letOneGoOn = (): void => {
    const next = this.waiting.shift();
    if (this.waiting.length > 0) setImmediate(this.letOneGoOn);
    next?.();
  };
}
