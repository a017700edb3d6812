/** What moderators of a channel are told beside its viewers: numbered by itself, with what they may have missed. */
import type { JsonObject } from '../../protocol/json.ts';

export interface LaneFrame {
  readonly seq: number;
  /** The JSON of its entry, which has the number, too. */
  readonly entry: string;
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
    const seq = this.#last + 1;
    this.#add({ seq, ...this.#framed(seq, JSON.stringify({ s: seq, k: kind, ...fields })) });
  }

  /** Takes in what the lane of another process has told, in its order; what is known already is not told again. */
  take(seq: number, entry: string): void {
    if (seq > this.#last) this.#add({ seq, ...this.#framed(seq, entry) });
  }

  /** The frames that are kept. */
  get kept(): readonly LaneFrame[] {
    return this.#frames;
  }

  /** Begins anew where the lane of another process did so. */
  restart(): void {
    this.#last = 0;
    this.#frames = [];
  }

  #framed(seq: number, entry: string): { readonly entry: string; readonly text: string } {
    return { entry, text: `{"op":"mt","r":${this.#handle},"q":${seq},"ev":[${entry}]}` };
  }

  #add(frame: LaneFrame): void {
    this.#last = frame.seq;
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
