/** Calls something at most once a period, and early where it is urgent, also when the clock is set anew. */
import type { Clock } from '../../util/clock.ts';

/** Milliseconds between two early calls. */
const URGENT_MS = 250;
/** Longer than anybody asks to wait, unless the clock was set back meanwhile. */
const LONGEST_MS = 10_000;

export class Pacer {
  readonly #clock: Clock;
  readonly #run: (now: number) => void;
  #cancel: (() => void) | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;
  #lastUrgentAt = Number.NEGATIVE_INFINITY;
  #isUrgent = false;

  constructor(clock: Clock, run: (now: number) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Asks for a call once `periodMs` have gone since the last one, and not before `notBefore`; now, if they have. */
  ask(periodMs: number, notBefore = Number.NEGATIVE_INFINITY): void {
    const now = this.#clock.now();
    const wait = Math.min(notBefore - now, LONGEST_MS);
    this.#askAt(now + Math.max(left(this.#lastAt, periodMs, now), wait), now);
  }

  /** Asks for a call now, or as soon as urgent calls may be again. */
  askUrgently(): void {
    const now = this.#clock.now();
    this.#isUrgent = true;
    this.#askAt(now + left(this.#lastUrgentAt, URGENT_MS, now), now);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #askAt(dueAt: number, now: number): void {
    if (dueAt <= now) {
      this.#call(now);
    } else if (this.#cancel === undefined || dueAt < this.#dueAt) {
      this.stop();
      this.#dueAt = dueAt;
      this.#cancel = this.#clock.after(dueAt - now, () => this.#call(this.#clock.now()));
    }
  }

  #call(now: number): void {
    this.stop();
    this.#lastAt = now;
    if (this.#isUrgent) this.#lastUrgentAt = now;
    this.#isUrgent = false;
    this.#run(now);
  }
}

/** What is left of a period that began at `since`; nothing where the clock was set back behind it. */
export function left(since: number, periodMs: number, now: number): number {
  return now < since ? 0 : Math.max(0, since + periodMs - now);
}
