/** How many viewers come, as of late. */
import type { Clock } from '../../util/clock.ts';

const SPAN_MS = 250;

export class Arrivals {
  readonly #clock: Clock;
  #since = 0;
  #current = 0;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(): void {
    this.#turn();
    this.#current += 1;
  }

  /** A second, as many as in the busier of the last two quarters of one. */
  get perSecond(): number {
    this.#turn();
    return (Math.max(this.#current, this.#last) * 1000) / SPAN_MS;
  }

  #turn(): void {
    const now = this.#clock.now();
    const age = now - this.#since;
    if (age >= 0 && age < SPAN_MS) return;
    this.#last = age >= 0 && age < 2 * SPAN_MS ? this.#current : 0;
    this.#current = 0;
    this.#since = now;
  }
}
