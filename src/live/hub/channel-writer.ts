/**
 * Puts what happens in a channel into its order: gathers for a tick, chooses what viewers see live, and has it
 * numbered. A channel has one writer among all processes.
 */
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { type Entry, hasText } from './entry.ts';
import type { Appended, Batch, RoomOrder, WriterTerm } from './order/room-order.ts';
import { Pacer } from './pacer.ts';
import { chooseShown, DisplayAllowance, type SamplingRank } from './sampling.ts';
import { RecoveryWindow } from './window.ts';

export interface WriterOptions {
  readonly room: string;
  readonly order: RoomOrder;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds of a tick; 0: each entry by itself. */
  readonly tickMs: number;
  /** Milliseconds between two numberings as long as all that is said can be shown; `tickMs` unless told otherwise. */
  readonly grainMs?: number;
  /** Messages that wait for a tick; what comes beyond is not shown live. */
  readonly maxWaiting: number;
  /** Messages that are told again where the order lost what it had. */
  readonly keptMessages: number;
  /** Messages a second that viewers see, as the settings of the room say now. */
  displayRate(): number;
  onFault(error: unknown): void;
}

/**
 * What became of an entry. `known`: its place in the log had been reached before, so viewers have it. `waiting`: the order
 * is out of reach, and viewers are told as soon as it is back.
 */
export type Outcome =
  | { readonly outcome: 'numbered'; readonly seq: number; readonly epoch: string }
  | { readonly outcome: 'skipped' | 'known' | 'superseded' | 'waiting' };

interface Waiting {
  readonly entry: Entry;
  /** Undefined: never left out. */
  readonly rank: SamplingRank | undefined;
  readonly resolve: (outcome: Outcome) => void;
}

const RETRY_MS = 500;
/** Entries that wait for an order that is out of reach, as multiples of the messages that may. */
const MAX_HELD = 10;

export class ChannelWriter {
  readonly #options: WriterOptions;
  #term: WriterTerm;
  readonly #allowance = new DisplayAllowance();
  readonly #pacer: Pacer;
  #waiting: Waiting[] = [];
  #skipped = 0;
  #logPosition: number;
  #appending: Promise<void> = Promise.resolve();
  #isStuck = false;
  #isClosed = false;
  /** What was appended last, without what has been deleted since. */
  readonly #kept: RecoveryWindow;

  private constructor(options: WriterOptions, term: WriterTerm) {
    this.#options = options;
    this.#term = term;
    this.#logPosition = term.logPosition;
    this.#kept = new RecoveryWindow({ maxAgeMs: Number.POSITIVE_INFINITY, maxEntries: options.keptMessages });
    this.#pacer = new Pacer(options.clock, () => void this.flush());
  }

  /** Takes over the room. What the server's log has behind `logPosition` has to be offered next. */
  static async open(options: WriterOptions): Promise<ChannelWriter> {
    return new ChannelWriter(options, await options.order.takeOver(options.room));
  }

  /** The place in the server's log from which to go on. */
  get logPosition(): number {
    return this.#logPosition;
  }

  /** Offers a message, which viewers may or may not see live. In the order of the log. */
  offerMessage(entry: Entry, rank: SamplingRank): Promise<Outcome> {
    if (rank !== 0 && this.#waiting.length >= this.#options.maxWaiting) {
      this.#reach(entry);
      this.#skipped += 1;
      return Promise.resolve({ outcome: 'skipped' });
    }
    return this.#offer(entry, rank);
  }

  /** Offers what viewers are told for sure. In the order of the log. Rejects if far too much waits. */
  offer(entry: Entry): Promise<Outcome> {
    return this.#offer(entry, undefined);
  }

  /** Has what waits numbered now. Resolves when it is, or the order is out of reach. */
  flush(): Promise<void> {
    this.#pacer.stop();
    if (this.#isStuck) return Promise.resolve();
    const waiting = this.#waiting;
    const skipped = this.#skipped;
    this.#waiting = [];
    this.#skipped = 0;
    if (waiting.length > 0 || skipped > 0) {
      this.#appending = this.#appending.then(() => this.#append(waiting, skipped));
    }
    return this.#appending;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    this.#pacer.stop();
  }

  #offer(entry: Entry, rank: SamplingRank | undefined): Promise<Outcome> {
    if (this.#waiting.length >= MAX_HELD * this.#options.maxWaiting) {
      return Promise.reject(new Error('too much waits for the order of a live room'));
    }
    return new Promise((resolve) => {
      this.#waiting.push({ entry, rank, resolve });
      this.#reach(entry);
      if (this.#isStuck) resolve({ outcome: 'waiting' });
      else if (entry.isUrgent) this.#pacer.askUrgently();
      else this.#pacer.ask(this.#pause());
    });
  }

  /** Where not everything can be shown, who matters most is chosen among all who speak within a tick. */
  #pause(): number {
    const { displayRate, clock, tickMs, grainMs = tickMs } = this.#options;
    return this.#waiting.length <= this.#allowance.available(displayRate(), clock.now()) ? grainMs : tickMs;
  }

  #reach({ position }: Entry): void {
    if (position !== undefined) this.#logPosition = Math.max(this.#logPosition, position);
  }

  async #append(waiting: readonly Waiting[], skippedBefore: number): Promise<void> {
    const { shown, skipped } = this.#choose(waiting);
    const batch = {
      id: this.#options.random.token(16),
      entries: shown.map(({ entry }) => entry),
      skipped: skippedBefore + skipped.length,
      logPosition: highest(waiting),
    };
    const settle = (outcome: Outcome) => {
      for (const { resolve } of waiting) resolve(outcome);
    };
    const appended = await this.#appendUntilDone(batch, () => settle({ outcome: 'waiting' }));
    if (appended === undefined) return;
    if (appended === 'superseded') return settle({ outcome: 'superseded' });
    const { epoch, numbers } = appended;
    for (const [index, { entry, resolve }] of shown.entries()) {
      const seq = numbers[index];
      if (seq !== undefined) this.#keep(entry);
      resolve(seq === undefined ? { outcome: 'known' } : { outcome: 'numbered', seq, epoch });
    }
    for (const { resolve } of skipped) resolve({ outcome: 'skipped' });
  }

  /** Appends as soon as the order is in reach; `onStuck` is called when it is not. Undefined once this is closed. */
  async #appendUntilDone(batch: Batch, onStuck: () => void): Promise<Appended | 'superseded' | undefined> {
    const { clock, onFault } = this.#options;
    for (;;) {
      try {
        const appended = await this.#appendOnce(batch);
        const wasStuck = this.#isStuck;
        this.#isStuck = false;
        if (wasStuck) this.#pacer.ask(this.#options.tickMs);
        return appended;
      } catch (error) {
        onFault(error);
        this.#isStuck = true;
        onStuck();
        if (this.#isClosed) return undefined;
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
        if (this.#isClosed) return undefined;
      }
    }
  }

  /** Where the order lost what it had, what was told last is told again, and then the batch. */
  async #appendOnce(batch: Batch): Promise<Appended | 'superseded'> {
    const { room, order } = this.#options;
    const appended = await order.append(room, this.#term.fence, batch);
    if (appended !== 'lost') return appended;
    this.#term = await order.takeOver(room);
    const kept = (this.#kept.after(this.#kept.last - this.#kept.size) ?? []).filter(hasText);
    const again = await order.append(room, this.#term.fence, { ...batch, entries: [...kept, ...batch.entries] });
    if (again === 'lost') throw new Error('the order of a live room was lost again');
    return again === 'superseded' ? again : { ...again, numbers: again.numbers.slice(kept.length) };
  }

  #keep(entry: Entry): void {
    this.#kept.append({ ...entry, seq: this.#kept.last + 1, at: 0 });
  }

  #choose(waiting: readonly Waiting[]): { shown: readonly Waiting[]; skipped: readonly Waiting[] } {
    const { clock, random } = this.#options;
    const messages = waiting.filter(({ rank }) => rank !== undefined);
    const room = this.#allowance.available(this.#options.displayRate(), clock.now());
    const chosen = chooseShown(
      messages.map(({ rank }) => rank ?? 0),
      room,
      random,
    );
    this.#allowance.use(chosen.length);
    if (chosen.length === messages.length) return { shown: waiting, skipped: [] };
    const kept = new Set(chosen.map((index) => messages[index]));
    return {
      shown: waiting.filter((each) => each.rank === undefined || kept.has(each)),
      skipped: messages.filter((each) => !kept.has(each)),
    };
  }
}

function highest(waiting: readonly Waiting[]): number | undefined {
  const positions = waiting.flatMap(({ entry: { position } }) => (position === undefined ? [] : [position]));
  return positions.length === 0 ? undefined : Math.max(...positions);
}
