import type { Area } from './area.ts';
import type { ReadTx } from './read-tx.ts';
import type { Committed, WriteSet } from './write-set.ts';

/** Kinds of short integer ids that stand for long text ids inside the database. */
export type NidKind = 'room' | 'event' | 'layer';

/** The memory of a homeserver: what may be asked of it, whatever the engine. */
export interface Storage {
  /** Short point reads. Each query sees everything that was committed when it ran. */
  read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T>;
  /** Reads that can exceed 5 ms (loading state, search, deep pages): they run off the event loop. */
  readHeavy<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T>;
  /** Short reads of an extension's part, which the storage was opened with. */
  readArea<S, T>(area: Area<S>, fn: (store: S) => Promise<T>): Promise<T>;
  /**
   * Applies a write set durably, together with whatever else is ready, and runs its effects.
   * @throws ConflictError, StaleDecisionError, StorageUnavailableError
   */
  commit(set: WriteSet): Promise<Committed>;
  /** The committed head: everything up to this stream position has been seen by the caches. */
  readonly head: number;
  /** A new short id, unique for its kind. */
  nextNid(kind: NidKind): number;
  /** Resolves when every commit that was asked for has ended. */
  drain(): Promise<void>;
  /** Drains and closes. */
  close(): Promise<void>;
}
