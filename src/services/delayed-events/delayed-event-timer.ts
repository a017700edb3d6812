import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';

/** Timers of Node end at 24.8 days; whoever sleeps that long looks again. */
const LONGEST_SLEEP_MS = 24 * 3_600_000;
/** After something went wrong that may pass. */
const RETRY_MS = 5_000;

export interface DelayedEventTimerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sends what is due, until it is stopped. Answers when the next is, if there is one. */
  run(isStopped: () => boolean): Promise<number | undefined>;
}

/** Wakes when the next delay ends; one run at a time. */
export class DelayedEventTimer {
  readonly #parts: DelayedEventTimerParts;
  #cancel: (() => void) | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #isStopped = true;

  constructor(parts: DelayedEventTimerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isStopped = false;
    this.#wake();
  }

  /** Wakes at `time` at the latest. */
  wakeAt(time: number): void {
    if (this.#isStopped || time >= this.#wakesAt) return;
    this.#cancel?.();
    this.#wakesAt = time;
    const { clock } = this.#parts;
    const sleep = Math.min(Math.max(0, time - clock.now()), LONGEST_SLEEP_MS);
    this.#cancel = clock.after(sleep, () => this.#wake());
  }

  /** Resolves when what was due has been sent. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.settled();
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const before = this.#running ?? Promise.resolve();
    const running = before
      .then(() => this.#run())
      .finally(() => {
        if (this.#running === running) this.#running = undefined;
      });
    this.#running = running;
  }

  async #run(): Promise<void> {
    if (this.#isStopped) return;
    const { clock, logger } = this.#parts;
    try {
      const next = await this.#parts.run(() => this.#isStopped);
      if (next !== undefined) this.wakeAt(next);
    } catch (err) {
      logger.warn({ err }, 'delayed events could not be sent and will be tried again');
      this.wakeAt(clock.now() + RETRY_MS);
    }
  }
}
