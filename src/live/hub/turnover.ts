/** How many viewers come and go, as of late. */
import type { Clock } from '../../util/clock.ts';

const SPAN_MS = 250;
/**
 * So many a second are many, and are given so many turns of the event loop for each slice that is written: if each lets
 * somebody in, some hundredths of a second, in which all slices of ten thousand viewers have their turn within two.
 */
const [MANY, TURNS] = [50, 150];

export class Turnover {
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

  /**
   * Turns of the event loop between two writes that take long. A turn accepts one connection: with a write in each of them
   * whoever comes back after a cut would wait for all who are back already; and while many go, most of what is written
   * would be for those who are gone.
   */
  get turnsBetween(): number {
    return this.perSecond >= MANY ? TURNS : 1;
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
