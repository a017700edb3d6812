import { randomInt } from 'node:crypto';
import type { Clock } from '../../util/clock.ts';
import { type Backend, type EncodedSet, positionsOf, type Ticket, type Transacted } from './backend.ts';

/** A set that was committed: the position before its first, and the last of its transaction. */
export interface SetDone {
  readonly base: number;
  readonly last: number;
}

/** Why a set was not committed. */
export interface SetRefused {
  readonly error: string;
  readonly kind: 'conflict' | 'unavailable' | 'stale' | 'bug';
}

export type SetOutcome = SetDone | SetRefused;

/** Why a batch was not committed, and by which of its sets, where it was one. */
interface BatchRefused extends SetRefused {
  readonly set?: number | undefined;
}

/** Told of a set (by its place in the batch) that turned out to be committed after it was reported as failed. */
export type OnLate = (index: number, done: SetDone) => void;

/** Pauses in milliseconds before a database that is away, or did not answer, is asked again; the first is none. */
const PAUSES = [0, 50, 200, 700, 1_500];
const PROBE_EVERY = 1_000;
/** Refused sets that are left out of a batch one after the other. */
const ALONE_AFTER = 4;

/** A batch of which it is not known whether it was committed, although its sets were reported as failed. */
interface Unresolved {
  readonly batch: readonly EncodedSet[];
  readonly ticket: Ticket;
  readonly late: OnLate;
}

/**
 * Writes batches, over breaks of the connection: a batch whose answer was lost is asked for again under its ticket
 * until it is known what became of it. When that takes too long its sets are reported as failed, nothing else is
 * written before it is known, and if it turns out that they were committed, their effects run late.
 */
export class BatchWriter {
  private readonly backend: Backend;
  private readonly clock: Clock;
  private readonly head: () => number;
  private unresolved: Unresolved | undefined;
  /** Whether the last write found the database away: then nobody is kept waiting for it. */
  private isAway = false;
  private cancelProbe: () => void = () => undefined;
  private probing: Promise<boolean> | undefined;

  /** @param head the last stream position that is known to be committed */
  constructor(backend: Backend, clock: Clock, head: () => number) {
    this.backend = backend;
    this.clock = clock;
    this.head = head;
  }

  /** Commits a batch in one transaction; if one of its sets is refused, the others are committed without it. */
  async write(batch: readonly EncodedSet[], late: OnLate): Promise<SetOutcome[]> {
    if (!(await this.resolve())) return batch.map(() => unavailable('the database does not answer'));
    const out = new Array<SetOutcome | undefined>(batch.length).fill(undefined);
    let rest = batch.map((_, i) => i);
    for (let refused = 0; rest.length > 0; refused += 1) {
      // Where many are refused, each is tried alone: a refusal costs little, leaving out one at a time too much.
      const now = refused < ALONE_AFTER ? rest : rest.slice(0, 1);
      const result = await this.transact(
        now.map((i) => batch[i]!),
        (k, done) => late(now[k]!, done),
      );
      settle(out, now, result);
      rest = rest.filter((i) => out[i] === undefined && !becameStale(out, batch, i));
    }
    return out.map((outcome) => outcome!);
  }

  /** Ends what goes on by itself. */
  stop(): void {
    this.cancelProbe();
  }

  /** One transaction: all of it, or a refusal, of one set (by its place) or of all. */
  private async transact(batch: readonly EncodedSet[], late: OnLate): Promise<SetDone[] | BatchRefused> {
    if (this.unresolved) return unavailable('the database does not answer');
    const ticket = { id: randomInt(2 ** 48 - 1), after: this.head() };
    let result = await this.backend.transact(batch, ticket);
    let wasLost = isLost(result);
    for (const pause of this.isAway ? [] : PAUSES) {
      if (!isLost(result) && !isAway(result)) break;
      if (pause > 0) await new Promise<void>((resolve) => this.clock.after(pause, resolve));
      result = await this.backend.transact(batch, ticket);
      wasLost ||= isLost(result);
    }
    this.isAway = isLost(result) || isAway(result);
    if ('last' in result) return doneOf(batch, result.last);
    const { error, kind, set } = result;
    if (kind === 'conflict' || kind === 'bug') return { error, kind, set };
    if (wasLost) {
      this.unresolved = { batch, ticket, late };
      this.probeLater();
    }
    return unavailable(error);
  }

  /** Whether it is known of everything what became of it. */
  private resolve(): Promise<boolean> {
    if (!this.unresolved) return Promise.resolve(true);
    this.probing ??= this.askWhatBecame(this.unresolved).finally(() => {
      this.probing = undefined;
    });
    return this.probing;
  }

  private async askWhatBecame({ batch, ticket, late }: Unresolved): Promise<boolean> {
    const result = await this.backend.transact([], ticket);
    if (!('last' in result)) {
      this.probeLater();
      return false;
    }
    this.cancelProbe();
    this.unresolved = undefined;
    this.isAway = false;
    if (result.wasThere) for (const [index, done] of doneOf(batch, result.last).entries()) late(index, done);
    return true;
  }

  private probeLater(): void {
    this.cancelProbe();
    this.cancelProbe = this.clock.after(PROBE_EVERY, () => void this.resolve());
  }
}

const isLost = (result: Transacted): boolean => 'kind' in result && result.kind === 'lost';
const isAway = (result: Transacted): boolean => 'kind' in result && result.kind === 'away';
const unavailable = (error: string): SetRefused => ({ error, kind: 'unavailable' });

/** Enters what became of the sets at places `now`. */
function settle(
  out: (SetOutcome | undefined)[],
  now: readonly number[],
  result: readonly SetDone[] | BatchRefused,
): void {
  if (!('error' in result)) {
    for (const [k, i] of now.entries()) out[i] = result[k];
    return;
  }
  const { error, kind, set } = result;
  for (const i of set === undefined ? now : [now[set]!]) out[i] = { error, kind };
}

/** Whoever was decided on top of a refused set is refused too. */
function becameStale(out: (SetOutcome | undefined)[], batch: readonly EncodedSet[], i: number): boolean {
  const leader = out[batch[i]!.after];
  if (!leader || !('error' in leader)) return false;
  out[i] = { error: 'the decision before it failed', kind: 'stale' };
  return true;
}

function doneOf(batch: readonly EncodedSet[], last: number): SetDone[] {
  let base = last - positionsOf(batch);
  return batch.map((set) => {
    const done = { base, last };
    base += set.positions;
    return done;
  });
}
