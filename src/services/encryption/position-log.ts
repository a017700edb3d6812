/** Something that happened at a stream position. */
export interface Positioned {
  readonly position: number;
}

/**
 * The newest entries of something that happens in order, bounded: what happened after {@link floor} is all here. When
 * full, the oldest quarter goes, and whoever asks for more than there is reads storage.
 */
export class PositionLog<T extends Positioned> {
  /** Everything after this position is in the log. */
  floor: number;
  private entries: T[] = [];
  private readonly max: number;

  constructor(head: number, max: number) {
    this.floor = head;
    this.max = max;
  }

  push(entry: T): void {
    this.entries.push(entry);
    if (this.entries.length <= this.max) return;
    const dropped = this.entries.splice(0, Math.ceil(this.max / 4));
    this.floor = dropped.at(-1)!.position;
  }

  /** Entries with `after` < position ≤ `upTo`, newest first, or undefined if the log does not reach back so far. */
  between(after: number, upTo: number): readonly T[] | undefined {
    if (after < this.floor) return undefined;
    const found: T[] = [];
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i]!;
      if (entry.position <= after) break;
      if (entry.position <= upTo) found.push(entry);
    }
    return found;
  }
}
