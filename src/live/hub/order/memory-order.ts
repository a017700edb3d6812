/** The order of live rooms in the memory of one process. A new process begins new epochs. */
import type { Clock } from '../../../util/clock.ts';
import type { Random } from '../../../util/random.ts';
import type { Entry, NumberedEntry } from '../entry.ts';
import { RecoveryWindow, type WindowLimits } from '../window.ts';
import type { Appended, Batch, Excerpt, Position, PublishedBatch, RoomOrder, WriterTerm } from './room-order.ts';

interface Room {
  readonly epoch: string;
  readonly window: RecoveryWindow;
  fence: number;
  logPosition: number;
  latest: { readonly id: string; readonly appended: Appended } | undefined;
}

type Listener = (batch: PublishedBatch) => void;

export interface MemoryOrderOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly window: WindowLimits;
}

export class MemoryOrder implements RoomOrder {
  readonly #options: MemoryOrderOptions;
  readonly #rooms = new Map<string, Room>();
  /** Never used twice, so that the writer of a forgotten room is not taken for that of its new epoch. */
  #lastFence = 0;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(options: MemoryOrderOptions) {
    this.#options = options;
  }

  async takeOver(room: string): Promise<WriterTerm> {
    const state = this.#open(room);
    this.#lastFence += 1;
    state.fence = this.#lastFence;
    return { fence: state.fence, end: endOf(state), logPosition: state.logPosition };
  }

  async append(room: string, fence: number, batch: Batch): Promise<Appended | 'superseded'> {
    const state = this.#rooms.get(room);
    if (state?.fence !== fence) return 'superseded';
    if (state.latest?.id === batch.id) return state.latest.appended;
    const entries: NumberedEntry[] = [];
    const numbers = batch.entries.map((entry) => {
      const numbered = this.#number(state, entry);
      if (numbered) entries.push(numbered);
      return numbered?.seq;
    });
    state.logPosition = Math.max(state.logPosition, batch.logPosition ?? 0);
    const published: PublishedBatch = { epoch: state.epoch, entries, skipped: batch.skipped };
    const appended = { numbers, epoch: state.epoch };
    state.latest = { id: batch.id, appended };
    for (const listener of [...(this.#listeners.get(room) ?? [])]) listener(published);
    return appended;
  }

  async read(room: string, from: Position | undefined): Promise<Excerpt> {
    const state = this.#open(room);
    state.window.trim(this.#options.clock.now());
    const behind = from?.epoch === state.epoch ? state.window.after(from.seq) : undefined;
    if (behind) return { end: endOf(state), isComplete: true, entries: behind };
    const { last, size } = state.window;
    return { end: endOf(state), isComplete: false, entries: state.window.after(last - size) ?? [] };
  }

  async follow(room: string, listener: Listener): Promise<() => void> {
    const listeners = this.#listeners.get(room) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(room, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(room) === listeners) this.#listeners.delete(room);
    };
  }

  async forget(room: string): Promise<void> {
    this.#rooms.delete(room);
  }

  #open(room: string): Room {
    const known = this.#rooms.get(room);
    if (known) return known;
    const { random, window } = this.#options;
    const begun = { epoch: random.token(8), window: new RecoveryWindow(window) };
    const state = { ...begun, fence: 0, logPosition: 0, latest: undefined };
    this.#rooms.set(room, state);
    return state;
  }

  #number(state: Room, entry: Entry): NumberedEntry | undefined {
    const { position } = entry;
    if (position !== undefined && position <= state.logPosition) return undefined;
    const numbered = { ...entry, seq: state.window.last + 1, at: this.#options.clock.now() };
    state.window.append(numbered);
    if (position !== undefined) state.logPosition = position;
    return numbered;
  }
}

function endOf({ epoch, window }: Room): Position {
  return { epoch, seq: window.last };
}
