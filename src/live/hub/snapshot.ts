/** The frame `snap`: how a channel stands, for whoever comes anew. One encoding serves all who come within a second. */
import type { Clock } from '../../util/clock.ts';
import { entriesText, type NumberedEntry } from './entry.ts';
import type { Position } from './order/room-order.ts';

export interface Snapshot {
  readonly text: string;
  /** Up to where it reaches. */
  readonly place: Position;
}

export interface SnapshotParts {
  readonly handle: number;
  readonly epoch: string;
  readonly seq: number;
  readonly messages: readonly NumberedEntry[];
  /** Members of a JSON object, as `"set":{},"pin":null`. */
  readonly facts: string;
  /** JSON of the counts. */
  readonly aggregates: string;
}

const FRESH_MS = 1000;

export class Snapshots {
  readonly #clock: Clock;
  readonly #make: () => SnapshotParts;
  #known: (Snapshot & { readonly at: number }) | undefined;

  constructor(clock: Clock, make: () => SnapshotParts) {
    this.#clock = clock;
    this.#make = make;
  }

  /** One that is a second old at most. */
  current(): Snapshot {
    const now = this.#clock.now();
    const known = this.#known;
    if (known && now >= known.at && now - known.at < FRESH_MS) return known;
    const { handle, epoch, seq, messages, facts, aggregates } = this.#make();
    const head = `{"op":"snap","r":${handle},"epoch":"${epoch}","seq":${seq},"st":${now},"ev":[${entriesText(messages)}]`;
    this.#known = { text: `${head},${facts},"a":${aggregates}}`, at: now, place: { epoch, seq } };
    return this.#known;
  }

  /** What is known shows what must not be shown any more, or lacks what must. */
  discard(): void {
    this.#known = undefined;
  }
}
