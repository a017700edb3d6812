/**
 * The order of what happens in a live room, and what is kept of it for recovery: one writer appends, any number of
 * processes follow. Behind this interface it is in the memory of one process, or in Redis for several.
 */
import type { Entry, NumberedEntry } from '../entry.ts';

/** A place in the order of a room. Numbers are never used twice within an epoch; a lost order starts a new epoch. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** The right to append, until another takes over. */
export interface WriterTerm {
  /** Grows with each taking over, also when the room was forgotten in between. */
  readonly fence: number;
  readonly end: Position;
  /** The place in the server's log up to which everything is in the order; 0 where nothing is. */
  readonly logPosition: number;
}

export interface Batch {
  /** Its name: where it is not known whether it was appended, it may be appended again, and counts once. */
  readonly id: string;
  readonly entries: readonly Entry[];
  /** Messages that were left out of the entries. */
  readonly skipped: number;
  /** Up to where in the server's log this batch reaches, with what was left out; undefined: no further than before. */
  readonly logPosition: number | undefined;
}

export interface Appended {
  /** The number of each entry of the batch; undefined for one whose place in the log had been reached before. */
  readonly numbers: readonly (number | undefined)[];
  readonly epoch: string;
}

export interface PublishedBatch {
  readonly epoch: string;
  /** Without a gap. */
  readonly entries: readonly NumberedEntry[];
  readonly skipped: number;
}

export interface Excerpt {
  readonly end: Position;
  /** Whether the entries are all that came behind the place asked for. Otherwise they are all that is left. */
  readonly isComplete: boolean;
  readonly entries: readonly NumberedEntry[];
}

/** Throws nothing of its own; an implementation that is out of reach rejects. */
export interface RoomOrder {
  /** Makes the caller the writer of the room, and whoever was it no longer. */
  takeOver(room: string): Promise<WriterTerm>;
  /**
   * Numbers the entries and tells all followers. `superseded`: somebody else has become the writer. `lost`: what was
   * there is gone, a new epoch has begun, and it has no writer.
   */
  append(room: string, fence: number, batch: Batch): Promise<Appended | 'superseded' | 'lost'>;
  /** What came behind a place; everything that is kept, if none is named. Deleted entries come as tombstones. */
  read(room: string, from: Position | undefined): Promise<Excerpt>;
  /** Calls `listener` for each batch from now on, in order, until the answer is called. */
  follow(room: string, listener: (batch: PublishedBatch) => void): Promise<() => void>;
  /** Lets go of all that is kept of a room; the next entry begins a new epoch. */
  forget(room: string): Promise<void>;
}
