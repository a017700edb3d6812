import type { Clock } from '../../util/clock.ts';

/** One timer for whatever comes next. */
export class RetryTimer {
  private readonly clock: Clock;
  private readonly fire: () => void;
  private at: number | undefined;
  private cancel: () => void = () => undefined;

  constructor(clock: Clock, fire: () => void) {
    this.clock = clock;
    this.fire = fire;
  }

  /** Fires at a time, in milliseconds since the epoch, unless it fires earlier anyway. */
  schedule(at: number): void {
    if (this.at !== undefined && this.at <= at) return;
    this.cancel();
    this.at = at;
    this.cancel = this.clock.after(Math.max(0, at - this.clock.now()), () => {
      this.at = undefined;
      this.fire();
    });
  }

  stop(): void {
    this.cancel();
    this.at = undefined;
  }
}
