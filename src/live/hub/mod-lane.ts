/** What moderators of a channel are told beside its viewers: numbered by itself, with what they may have missed. */
import type { JsonObject } from '../../protocol/json.ts';

export interface LaneFrame {
  readonly seq: number;
  /** The frame `mt`. */
  readonly text: string;
}

type Listener = (frame: LaneFrame) => void;

export class ModLane {
  readonly #handle: number;
  readonly #max: number;
  readonly #listeners = new Set<Listener>();
  #frames: LaneFrame[] = [];
  #last = 0;

  /** `max`: frames that are kept for moderators who were cut off. */
  constructor(handle: number, max: number) {
    this.#handle = handle;
    this.#max = max;
  }

  get last(): number {
    return this.#last;
  }

  publish(kind: string, fields: JsonObject): void {
    this.#last += 1;
    const entry = JSON.stringify({ s: this.#last, k: kind, ...fields });
    const frame = { seq: this.#last, text: `{"op":"mt","r":${this.#handle},"q":${this.#last},"ev":[${entry}]}` };
    this.#frames.push(frame);
    if (this.#frames.length > this.#max) this.#frames = this.#frames.slice(-Math.ceil(this.#max / 2));
    for (const listener of this.#listeners) listener(frame);
  }

  /** Listens from now on, until the answer is called. */
  join(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What came behind a number; undefined if some of it has gone. */
  after(seq: number): readonly LaneFrame[] | undefined {
    const first = this.#frames[0]?.seq ?? this.#last + 1;
    if (seq > this.#last || seq < first - 1) return undefined;
    return this.#frames.filter((frame) => frame.seq > seq);
  }
}
