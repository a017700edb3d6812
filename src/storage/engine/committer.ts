import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../util/clock.ts';
import {
  type Committed,
  ConflictError,
  StaleDecisionError,
  StorageUnavailableError,
  type WriteSet,
} from '../contract/write-set.ts';
import { type MutationList, mutationsWith } from '../sql/area.ts';
import type { Backend, EncodedSet } from './backend.ts';
import { BatchWriter, type SetDone, type SetOutcome } from './batch-writer.ts';

/** Write sets as the engine takes them. */
class SetEncoder {
  private readonly indexes: ReadonlyMap<string, number>;
  private readonly columnsOf: readonly (readonly string[])[];

  constructor(mutations: MutationList) {
    this.indexes = new Map(mutations.map(([name], i) => [name, i]));
    this.columnsOf = mutations.map(([, definition]) => Object.keys(definition.columns));
  }

  encode(set: WriteSet): Omit<EncodedSet, 'after'> {
    return {
      positions: set.positions,
      mutations: set.mutations.map(([name, row]) => {
        const index = this.indexes.get(name);
        if (index === undefined) throw new Error(`no mutation is named ${name}`);
        return [index, this.columnsOf[index]!.map((column) => (row as Record<string, unknown>)[column])] as const;
      }),
    };
  }
}

/** Early effects that run in a row, and effects of several sets: then others have their turn. */
const EARLY_AT_ONCE = 500;
const EFFECTS_AT_ONCE = 1_000;

interface Waiting {
  readonly set: WriteSet;
  readonly encoded: Omit<EncodedSet, 'after'>;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: Error) => void;
}

export interface CommitterOptions {
  readonly clock: Clock;
  /** Write sets in one transaction at most. */
  readonly maxBatch: number;
  /** Write sets that may wait. */
  readonly maxPending: number;
  /** Those of the server alone, unless given. */
  readonly mutations?: MutationList;
  /** Told of what should not happen: an effect that threw, a mutation that the database does not understand. */
  readonly onFault: (error: unknown) => void;
}

const errors = {
  conflict: ConflictError,
  unavailable: StorageUnavailableError,
  stale: StaleDecisionError,
  bug: Error,
} as const;

/**
 * Group commit: while a batch is being written the next one gathers; it takes what is ready and waits for no more.
 * Sets are committed, and their effects run, in the order in which they were given.
 */
export class Committer {
  head: number;
  private waiting: Waiting[] = [];
  private running = false;
  private isClosed = false;
  private idle: (() => void)[] = [];
  private readonly writer: BatchWriter;
  private readonly encoder: SetEncoder;
  private readonly options: CommitterOptions;

  constructor(backend: Backend, head: number, options: CommitterOptions) {
    this.head = head;
    this.options = options;
    this.encoder = new SetEncoder(options.mutations ?? mutationsWith([]));
    this.writer = new BatchWriter(backend, options.clock, () => this.head);
  }

  commit(set: WriteSet): Promise<Committed> {
    if (set.failed) return Promise.reject(new StaleDecisionError('the decision was given up'));
    if (this.isClosed || this.waiting.length >= this.options.maxPending) {
      set.failed = true;
      const reason = this.isClosed ? 'the database is closed' : 'too many writes are waiting for the database';
      return Promise.reject(new StorageUnavailableError(reason));
    }
    return new Promise((resolve, reject) => {
      // A set that cannot be encoded fails those that were decided on top of it, too.
      set.failed = true;
      const encoded = this.encoder.encode(set);
      set.failed = false;
      this.waiting.push({ set, encoded, resolve, reject });
      if (!this.running) {
        this.running = true;
        queueMicrotask(() => void this.run());
      }
    });
  }

  /** Resolves when nothing is waiting or being written. */
  drain(): Promise<void> {
    if (!this.running) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Nothing is written from then on: a write that came later would open a connection that nobody closes. */
  async close(): Promise<void> {
    while (this.running) await this.drain();
    this.isClosed = true;
    this.writer.stop();
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      if (batch.length === 0) continue;
      let outcomes: SetOutcome[];
      try {
        outcomes = await this.writer.write(this.linked(batch), (i, done) => this.apply(batch[i]!.set, done));
      } catch (error) {
        this.options.onFault(error);
        const message = error instanceof Error ? error.message : String(error);
        outcomes = batch.map(() => ({ error: message, kind: 'bug' }));
      }
      await this.settle(batch, outcomes);
    }
    this.running = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /** The sets to write now; those decided on top of one that has failed meanwhile are refused. */
  private nextBatch(): Waiting[] {
    const taken = this.waiting.splice(0, this.options.maxBatch);
    return taken.filter((waiting) => {
      if (!waiting.set.after?.failed) return true;
      this.refuse(waiting, new StaleDecisionError('the decision before it failed'));
      return false;
    });
  }

  private linked(batch: readonly Waiting[]): EncodedSet[] {
    const places = new Map(batch.map((waiting, i) => [waiting.set, i]));
    return batch.map(({ set, encoded }) => ({ ...encoded, after: (set.after && places.get(set.after)) ?? -1 }));
  }

  private async settle(batch: readonly Waiting[], outcomes: readonly SetOutcome[]): Promise<void> {
    const done: [Waiting, Committed][] = [];
    let effects = 0;
    for (const [i, waiting] of batch.entries()) {
      const outcome = outcomes[i]!;
      if ('error' in outcome) {
        const error = new errors[outcome.kind](outcome.error);
        if (outcome.kind === 'bug') this.options.onFault(error);
        this.refuse(waiting, error);
        continue;
      }
      const committed = committedAt(outcome);
      effects += waiting.set.effectCount;
      if (effects > EFFECTS_AT_ONCE) {
        effects = 0;
        await nextTurn();
      }
      while (waiting.set.runEarlyEffects(committed, EARLY_AT_ONCE, this.options.onFault)) await nextTurn();
      done.push([waiting, this.apply(waiting.set, outcome)]);
      // A long chain of predecessors must not be kept in memory.
      waiting.set.after = undefined;
    }
    for (const outcome of outcomes) if ('last' in outcome) this.head = Math.max(this.head, outcome.last);
    for (const [waiting, committed] of done) waiting.resolve(committed);
  }

  /** Runs the effects of a set that is durable, then lets its positions be seen. */
  private apply(set: WriteSet, done: SetDone): Committed {
    const committed = committedAt(done);
    set.runEffects(committed, this.options.onFault);
    this.head = Math.max(this.head, done.base + set.positions);
    return committed;
  }

  private refuse(waiting: Waiting, error: Error): void {
    waiting.set.failed = true;
    waiting.set.after = undefined;
    waiting.reject(error);
  }
}

function committedAt({ base }: SetDone): Committed {
  return { position: (offset) => base + offset };
}
