/** What ticks tell beside entries, counts and how much was left out, until all slices of viewers have heard it. */
import { mergedAggregates } from '../aggregates.ts';
import type { TickParts } from '../tick.ts';

export type TickExtras = Pick<TickParts, 'aggregates' | 'skipped'>;

interface Item extends TickExtras {
  readonly version: number;
}

/** Of more, the oldest are dropped: counts may be lost. */
const MAX_ITEMS = 50;

export class TickNews {
  #items: Item[] = [];

  note(version: number, { aggregates, skipped }: TickExtras): void {
    if (aggregates === undefined && skipped === 0) return;
    this.#items.push({ version, aggregates, skipped });
    if (this.#items.length > MAX_ITEMS) this.#items.shift();
  }

  /** What has come since a version. */
  since(version: number): TickExtras {
    const items = this.#items.filter((item) => item.version > version);
    const aggregates = items.flatMap((item) => item.aggregates ?? []);
    return { aggregates: mergedAggregates(aggregates), skipped: items.reduce((sum, { skipped }) => sum + skipped, 0) };
  }

  /** Lets go of what everybody has heard. */
  forget(version: number): void {
    if (this.#items.length > 0) this.#items = this.#items.filter((item) => item.version > version);
  }
}
