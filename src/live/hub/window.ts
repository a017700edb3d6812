/** The entries of a channel that a client can still catch up with: of the last two minutes, and not too many. */
import { isBuriedBy, type NumberedEntry, tombstone } from './entry.ts';

export interface WindowLimits {
  readonly maxAgeMs: number;
  readonly maxEntries: number;
  /** Entries that stay whatever their age, so that a calm chat is not an empty one; 0 unless told otherwise. */
  readonly keep?: number;
}

/** Numbers are without a gap; deletions take the text of what they delete as soon as they are in. */
export class RecoveryWindow {
  readonly #limits: WindowLimits;
  /** Those before `#start` have gone. */
  #entries: NumberedEntry[] = [];
  #start = 0;
  #last: number;

  /** `last`: the number before the first that will come. */
  constructor(limits: WindowLimits, last = 0) {
    this.#limits = limits;
    this.#last = last;
  }

  /** The highest number; that before the first if there is none. */
  get last(): number {
    return this.#last;
  }

  get size(): number {
    return this.#entries.length - this.#start;
  }

  /** Takes in the entry with the next number. */
  append(entry: NumberedEntry): void {
    if (entry.seq !== this.#last + 1) throw new Error(`entry ${entry.seq} does not follow ${this.#last}`);
    const { buries } = entry;
    if (buries !== undefined) {
      for (let at = this.#start; at < this.#entries.length; at++) {
        const earlier = this.#entries[at]!;
        if (isBuriedBy(earlier, buries)) this.#entries[at] = tombstone(earlier);
      }
    }
    this.#entries.push(entry);
    this.#last = entry.seq;
    this.trim(entry.at);
  }

  /** Lets go of what is too old at `now`. */
  trim(now: number): void {
    const { maxAgeMs, maxEntries, keep = 0 } = this.#limits;
    while (this.size > maxEntries || (this.size > keep && this.#entries[this.#start]!.at < now - maxAgeMs)) {
      this.#start += 1;
    }
    // Cut off now and then, so that the cost is shared by as many entries.
    if (this.#start > 256 && this.#start > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }

  /** All entries behind the number `seq` up to `upTo`, or undefined if some of them have gone or never were. */
  after(seq: number, upTo = this.#last): readonly NumberedEntry[] | undefined {
    if (seq > this.#last || seq < this.#last - this.size) return undefined;
    const first = this.#last - this.size + 1;
    return this.#entries.slice(this.#start + (seq + 1 - first), this.#start + (upTo + 1 - first));
  }

  /** The entries that were numbered from `from` until before `to`; undefined if some of them may have gone. */
  between(from: number, to: number): readonly NumberedEntry[] | undefined {
    const oldest = this.#entries[this.#start];
    const isWhole = this.size < this.#limits.maxEntries || (oldest !== undefined && oldest.at < from);
    return isWhole ? this.#entries.slice(this.#start).filter(({ at }) => at >= from && at < to) : undefined;
  }

  /** The last `count` entries of up to the number `upTo` that `isWanted`, in order. */
  latest(count: number, upTo: number, isWanted: (entry: NumberedEntry) => boolean): readonly NumberedEntry[] {
    const found: NumberedEntry[] = [];
    for (let at = this.#entries.length - 1; at >= this.#start && found.length < count; at--) {
      const entry = this.#entries[at]!;
      if (entry.seq <= upTo && isWanted(entry)) found.push(entry);
    }
    return found.reverse();
  }
}
