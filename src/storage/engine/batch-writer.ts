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

/** Told of a set (by its place in the batch) that turned out to be committed after it was reported as failed. */
export type OnLate = (index: number, done: SetDone) => void;

/** Pauses in milliseconds before a database that is away, or did not answer, is asked again; the first is none. */
const PAUSES = [0, 50, 200, 700, 1_500];
const PROBE_EVERY = 1_000;

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
    const whole = await this.transact(batch, late);
    if (!('error' in whole)) return whole;
    if (whole.kind === 'unavailable' || batch.length === 1) return batch.map(() => whole);
    return this.writeOneByOne(batch, late);
  }

  /** Ends what goes on by itself. */
  stop(): void {
    this.cancelProbe();
  }

  /** Writes a refused batch set by set; whoever was decided on top of a refused set is refused too. */
  private async writeOneByOne(batch: readonly EncodedSet[], late: OnLate): Promise<SetOutcome[]> {
    const out: SetOutcome[] = [];
    for (const [i, set] of batch.entries()) {
      const leader = out[set.after];
      if (leader && 'error' in leader) {
        out.push({ error: 'the decision before it failed', kind: 'stale' });
      } else if (this.unresolved) {
        out.push(unavailable('the database does not answer'));
      } else {
        const alone = await this.transact([set], (_, done) => late(i, done));
        out.push('error' in alone ? alone : alone[0]!);
      }
    }
    return out;
  }

  private async transact(batch: readonly EncodedSet[], late: OnLate): Promise<SetDone[] | SetRefused> {
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
    const { error, kind } = result;
    if (kind === 'conflict' || kind === 'bug') return { error, kind };
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

function doneOf(batch: readonly EncodedSet[], last: number): SetDone[] {
  let base = last - positionsOf(batch);
  return batch.map((set) => {
    const done = { base, last };
    base += set.positions;
    return done;
  });
}
