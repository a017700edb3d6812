import type { Edu } from '../../protocol/events/edu.ts';

/** An EDU that is worth something for a while only. */
export interface EphemeralEdu {
  /** A newer one with the same key takes its place. */
  readonly key: string;
  readonly edu: Edu;
  /** Whether it is still news when the server comes back: a receipt is, that somebody types is not. */
  readonly keeps: boolean;
}

/** What waits for one server in memory, oldest first: the newest of each key, and of all of them the newest `max`. */
export class EphemeralEdus {
  private readonly waiting = new Map<string, { readonly edu: EphemeralEdu; readonly number: number }>();
  private readonly max: number;
  private last = 0;

  constructor(max: number) {
    this.max = max;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** The number of the newest so far: each gets the next one. */
  get newest(): number {
    return this.last;
  }

  /** Answers how many were dropped to make room. */
  put(edu: EphemeralEdu): number {
    this.last += 1;
    this.waiting.delete(edu.key);
    this.waiting.set(edu.key, { edu, number: this.last });
    if (this.waiting.size <= this.max) return 0;
    const [oldest] = this.waiting.keys();
    this.waiting.delete(oldest!);
    return 1;
  }

  /** Takes out the oldest, none of them newer than the one with the number `upTo`. */
  take(limit: number, upTo = this.last): EphemeralEdu[] {
    const old = [...this.waiting.values()].filter(({ number }) => number <= upTo);
    const taken = old.slice(0, Math.max(0, limit)).map(({ edu }) => edu);
    for (const { key } of taken) this.waiting.delete(key);
    return taken;
  }

  /** Puts back what was taken and did not arrive, as far as it is still news and nothing newer is there. */
  restore(taken: readonly EphemeralEdu[]): void {
    const newer = [...this.waiting.values()].map(({ edu }) => edu).filter(({ keeps }) => keeps);
    this.waiting.clear();
    for (const edu of [...taken.filter(({ keeps }) => keeps), ...newer]) this.put(edu);
  }
}
