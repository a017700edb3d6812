import type { Reader } from '../sql/query.ts';

/** One write set as it goes to the engine: mutations by index into the definitions, with their columns' values. */
export interface EncodedSet {
  readonly positions: number;
  /** Index in the same batch of the set this one was decided on top of, or -1. */
  readonly after: number;
  readonly mutations: readonly (readonly [definition: number, values: readonly unknown[]])[];
}

/** What became of one set of a batch: the position before its first, or why it was refused. */
export type SetOutcome =
  | { readonly base: number }
  | { readonly error: string; readonly kind: 'conflict' | 'unavailable' | 'stale' | 'bug' };

/** An engine: somewhere to read and one place to write. */
export interface Backend {
  /** For short point reads. */
  readonly reader: Reader;
  /** Runs `fn` with a reader for long reads, away from the event loop. */
  heavy<T>(fn: (reader: Reader) => Promise<T>): Promise<T>;
  /** Commits a batch in one transaction; if one set is refused, the others are committed without it. */
  write(batch: readonly EncodedSet[]): Promise<SetOutcome[]>;
  close(): Promise<void>;
}

/** Writes a refused batch set by set; whoever was decided on top of a refused set is refused too. */
export async function writeOneByOne(
  batch: readonly EncodedSet[],
  one: (set: EncodedSet) => SetOutcome | Promise<SetOutcome>,
): Promise<SetOutcome[]> {
  const out: SetOutcome[] = [];
  for (const set of batch) {
    const leader = out[set.after];
    if (leader && 'error' in leader) out.push({ error: 'the decision before it failed', kind: 'stale' });
    else out.push(await one(set));
  }
  return out;
}
