import type { Reader } from '../sql/query.ts';

/** One write set as it goes to the engine: mutations by index into the definitions, with their columns' values. */
export interface EncodedSet {
  readonly positions: number;
  /** Index in the same batch of the set this one was decided on top of, or -1. */
  readonly after: number;
  readonly mutations: readonly (readonly [definition: number, values: readonly unknown[]])[];
}

/**
 * Names one attempt to commit a batch, in the commit log: asked again with the same ticket, an engine does not apply
 * again what it has committed. This is how a connection that broke before it answered does no harm.
 */
export interface Ticket {
  readonly id: number;
  /** The ticket is looked for among commits after this stream position: the head when it was made. */
  readonly after: number;
}

export interface Refusal {
  readonly error: string;
  /**
   * `away`: the database was not reached, nothing was sent. `lost`: it was, and did not answer, so that the batch may
   * or may not have been committed.
   */
  readonly kind: 'conflict' | 'unavailable' | 'bug' | 'away' | 'lost';
  /** The set of the batch that was refused, where it is one that was. */
  readonly set?: number;
}

/** What became of a transaction: the last stream position that it took (at least one), or why it was refused. */
export type Transacted = { readonly last: number; readonly wasThere: boolean } | Refusal;

/** An engine: somewhere to read and one place to write. */
export interface Backend {
  /** For short point reads. */
  readonly reader: Reader;
  /** Runs `fn` with a reader for long reads, away from the event loop. */
  heavy<T>(fn: (reader: Reader) => Promise<T>): Promise<T>;
  /**
   * Commits a batch in one transaction, whole or not at all. An empty batch sees to it that nothing is committed under
   * its ticket any more.
   */
  transact(batch: readonly EncodedSet[], ticket: Ticket): Promise<Transacted>;
  close(): Promise<void>;
}

/** How many stream positions a batch takes: at least one, so that each has its entry in the commit log. */
export function positionsOf(batch: readonly EncodedSet[]): number {
  return Math.max(
    1,
    batch.reduce((sum, set) => sum + set.positions, 0),
  );
}
