/**
 * Puts what happens in a channel into its order: gathers for a tick, chooses what viewers see live, and has it
 * numbered. A channel has one writer among all processes.
 */
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { Entry } from './entry.ts';
import type { RoomOrder, WriterTerm } from './order/room-order.ts';
import { Pacer } from './pacer.ts';
import { chooseShown, DisplayAllowance, type SamplingRank } from './sampling.ts';

export interface WriterOptions {
  readonly room: string;
  readonly order: RoomOrder;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds of a tick; 0: each entry by itself. */
  readonly tickMs: number;
  /** Messages that wait for a tick; what comes beyond is not shown live. */
  readonly maxWaiting: number;
  /** Messages a second that viewers see, as the settings of the room say now. */
  displayRate(): number;
}

/** What became of an entry. `known`: its place in the log had been reached before, so viewers have it. */
export type Outcome =
  | { readonly outcome: 'numbered'; readonly seq: number; readonly epoch: string }
  | { readonly outcome: 'skipped' | 'known' | 'superseded' };

interface Waiting {
  readonly entry: Entry;
  /** Undefined: never left out. */
  readonly rank: SamplingRank | undefined;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export class ChannelWriter {
  readonly #options: WriterOptions;
  readonly #term: WriterTerm;
  readonly #allowance = new DisplayAllowance();
  readonly #pacer: Pacer;
  #waiting: Waiting[] = [];
  #skipped = 0;
  #logPosition: number;
  #appending: Promise<void> = Promise.resolve();

  private constructor(options: WriterOptions, term: WriterTerm) {
    this.#options = options;
    this.#term = term;
    this.#logPosition = term.logPosition;
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

  /** Offers a message, which viewers may or may not see live. In the order of the log. Rejects if the order is out of reach. */
  offerMessage(entry: Entry, rank: SamplingRank): Promise<Outcome> {
    if (rank !== 0 && this.#waiting.length >= this.#options.maxWaiting) {
      this.#reach(entry);
      this.#skipped += 1;
      return Promise.resolve({ outcome: 'skipped' });
    }
    return this.#offer(entry, rank);
  }

  /** Offers what viewers are told for sure. In the order of the log. Rejects if the order is out of reach. */
  offer(entry: Entry): Promise<Outcome> {
    return this.#offer(entry, undefined);
  }

  /** Has what waits numbered now. Resolves when it is; failures go to those who offered. */
  flush(): Promise<void> {
    this.#pacer.stop();
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
    await this.flush();
    this.#pacer.stop();
  }

  #offer(entry: Entry, rank: SamplingRank | undefined): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, rank, resolve, reject });
      this.#reach(entry);
      if (entry.isUrgent) this.#pacer.askUrgently();
      else this.#pacer.ask(this.#options.tickMs);
    });
  }

  #reach({ position }: Entry): void {
    if (position !== undefined) this.#logPosition = Math.max(this.#logPosition, position);
  }

  async #append(waiting: readonly Waiting[], skippedBefore: number): Promise<void> {
    const { room, order } = this.#options;
    const { shown, skipped } = this.#choose(waiting);
    const batch = {
      entries: shown.map(({ entry }) => entry),
      skipped: skippedBefore + skipped.length,
      logPosition: highest(waiting),
    };
    try {
      const appended = await order.append(room, this.#term.fence, batch);
      for (const [index, { resolve }] of shown.entries()) {
        const seq = appended === 'superseded' ? undefined : appended.numbers[index];
        if (appended === 'superseded') resolve({ outcome: 'superseded' });
        else resolve(seq === undefined ? { outcome: 'known' } : { outcome: 'numbered', seq, epoch: appended.epoch });
      }
      for (const { resolve } of skipped) resolve({ outcome: appended === 'superseded' ? appended : 'skipped' });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
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
