/**
 * Every mutation by its name, with the row it takes. Each area's contract file adds its own by declaration merging:
 * `declare module './write-set.ts' { interface Mutations { 'receipts.put': ReceiptRow } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the area files
export interface Mutations {}

/** The same for extensions, which the rest is complete without. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by extensions
export interface AreaMutations {}

type AnyMutations = Mutations & AreaMutations;

/** A value a column can hold. Objects are stored as JSON text, which whoever makes the row has serialised. */
export type ColumnValue = string | number | Uint8Array | null | undefined;

/**
 * A position that the commit will assign, as an offset from the positions before this set: 1 for the set's first.
 * It stands in columns of type `position`; after the commit it is `committed.position(offset)`.
 */
export type PositionOffset = number & { readonly __brand: 'PositionOffset' };

/** What a commit answered. */
export interface Committed {
  /** The stream position that `offset` became. */
  position(offset: PositionOffset): number;
}

/**
 * A decision's writes as values: a list of named mutations that are applied together, in order, in one transaction.
 * Nothing in it is a callback into the database.
 */
export class WriteSet {
  readonly mutations: [name: keyof AnyMutations, row: object][] = [];
  /** How many stream positions this set takes. */
  positions = 0;
  /** The set this one was decided on top of: if that fails, this one is refused with {@link StaleDecisionError}. */
  after: WriteSet | undefined;
  /** Set by the committer, and by whoever gives up a decision half-way: the set is refused. */
  failed = false;

  private readonly effects: ((committed: Committed) => void)[] = [];
  private readonly earlyEffects: ((committed: Committed) => void)[] = [];
  private earlyDone = 0;

  add<K extends keyof AnyMutations>(name: K, row: AnyMutations[K]): this {
    this.mutations.push([name, row as object]);
    return this;
  }

  /** Takes the next stream position of this set. */
  nextPosition(): PositionOffset {
    this.positions += 1;
    return this.positions as PositionOffset;
  }

  /**
   * Registers what happens in memory once the set is durable: caches, then notices. Effects run synchronously, in
   * commit order, before the new head is visible to readers. They must not throw: one that does is reported, and the
   * others run.
   */
  onCommitted(effect: (committed: Committed) => void): this {
    this.effects.push(effect);
    return this;
  }

  /**
   * The same for one of thousands of things of a kind: these come before the other effects, in order among themselves,
   * and others may have their turn in between, while the new head is not visible yet.
   */
  onCommittedEarly(effect: (committed: Committed) => void): this {
    this.earlyEffects.push(effect);
    return this;
  }

  /** For the committer alone: how many effects it has, but for the early ones. */
  get effectCount(): number {
    return this.effects.length;
  }

  /** For the committer alone: runs `most` of the early effects that are left. Answers whether there are others. */
  runEarlyEffects(committed: Committed, most: number, onFault: (error: unknown) => void): boolean {
    const to = Math.min(this.earlyEffects.length, this.earlyDone + most);
    const slice = this.earlyEffects.slice(this.earlyDone, to);
    this.earlyDone = to;
    runAll(slice, committed, onFault);
    return to < this.earlyEffects.length;
  }

  /** For the committer alone: runs all that are left. */
  runEffects(committed: Committed, onFault: (error: unknown) => void): void {
    this.runEarlyEffects(committed, Number.POSITIVE_INFINITY, onFault);
    runAll(this.effects, committed, onFault);
  }
}

function runAll(
  effects: readonly ((committed: Committed) => void)[],
  committed: Committed,
  onFault: (error: unknown) => void,
): void {
  for (const effect of effects) {
    try {
      effect(committed);
    } catch (error) {
      onFault(error);
    }
  }
}

/** A mutation that had to change exactly one row changed none, or a key was already there: decide again. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** The set that this one was decided on top of could not be committed: decide again. */
export class StaleDecisionError extends Error {
  override readonly name = 'StaleDecisionError';
}

/** The database cannot write, or be read, at the moment (disk full, read-only, locked, away). Answered with 503 and `Retry-After`. */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
  readonly status = 503;
}
