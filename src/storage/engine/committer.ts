import {
  type Committed,
  ConflictError,
  StaleDecisionError,
  StorageUnavailableError,
  type WriteSet,
} from '../contract/write-set.ts';
import { definitionList } from '../sql/definitions.ts';
import type { Backend, EncodedSet, SetOutcome } from './backend.ts';

const indexes = new Map(definitionList.map(([name], i) => [name as string, i]));
const columnsOf = definitionList.map(([, definition]) => Object.keys(definition.columns));

function encode(set: WriteSet): Omit<EncodedSet, 'after'> {
  return {
    positions: set.positions,
    mutations: set.mutations.map(([name, row]) => {
      const index = indexes.get(name);
      if (index === undefined) throw new Error(`no mutation is named ${name}`);
      return [index, columnsOf[index]!.map((column) => (row as Record<string, unknown>)[column])] as const;
    }),
  };
}

interface Waiting {
  readonly set: WriteSet;
  readonly encoded: Omit<EncodedSet, 'after'>;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: Error) => void;
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
  private idle: (() => void)[] = [];
  private readonly backend: Backend;
  private readonly limits: { maxBatch: number; maxPending: number };

  constructor(backend: Backend, head: number, limits: { maxBatch: number; maxPending: number }) {
    this.backend = backend;
    this.head = head;
    this.limits = limits;
  }

  commit(set: WriteSet): Promise<Committed> {
    if (this.waiting.length >= this.limits.maxPending) {
      set.failed = true;
      return Promise.reject(new StorageUnavailableError('too many writes are waiting for the database'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ set, encoded: encode(set), resolve, reject });
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

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      if (batch.length === 0) continue;
      let outcomes: SetOutcome[];
      try {
        outcomes = await this.backend.write(this.linked(batch));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        outcomes = batch.map(() => ({ error: message, kind: 'unavailable' }));
      }
      this.settle(batch, outcomes);
    }
    this.running = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /** The sets to write now; those decided on top of one that has failed meanwhile are refused. */
  private nextBatch(): Waiting[] {
    const taken = this.waiting.splice(0, this.limits.maxBatch);
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

  private settle(batch: readonly Waiting[], outcomes: readonly SetOutcome[]): void {
    const done: [Waiting, Committed][] = [];
    batch.forEach((waiting, i) => {
      const outcome = outcomes[i]!;
      if ('error' in outcome) {
        this.refuse(waiting, new errors[outcome.kind](outcome.error));
        return;
      }
      const committed: Committed = { position: (offset) => outcome.base + offset };
      waiting.set.runEffects(committed);
      this.head = Math.max(this.head, outcome.base + waiting.set.positions);
      // A long chain of predecessors must not be kept in memory.
      waiting.set.after = undefined;
      done.push([waiting, committed]);
    });
    for (const [waiting, committed] of done) waiting.resolve(committed);
  }

  private refuse(waiting: Waiting, error: Error): void {
    waiting.set.failed = true;
    waiting.set.after = undefined;
    waiting.reject(error);
  }
}
