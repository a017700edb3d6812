/**
 * What other servers were told of events: asked again they are told the same, and what has been counted when it was asked
 * about is not counted once more when it comes.
 */
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { Candidate, Verdict } from '../../services/admission/admission.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';

/** Milliseconds for which a signature lets its event in without a second look. */
const SIGNATURE_MS = 60_000;

interface Given {
  readonly verdict: Verdict;
  readonly at: number;
  /** Whether it has cost the sender. */
  readonly isCounted: boolean;
}

export class GivenAnswers {
  readonly #clock: Clock;
  readonly #given: Lru<string, Given>;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#given = new Lru({ max });
  }

  /** @param isFree whether nothing holds against the sender by now */
  find({ entrance, eventId }: Candidate, isFree: () => boolean): Verdict | undefined {
    const given = entrance === 'client' || eventId === undefined ? undefined : this.#given.get(eventId);
    if (!given || entrance === 'sign') return given?.verdict;
    // Whoever else may ask, it is the sender whom its message costs something, and that at the latest when it comes.
    const isFresh = given.isCounted && Math.abs(this.#clock.now() - given.at) <= SIGNATURE_MS;
    return isFresh && isFree() ? given.verdict : undefined;
  }

  /** Keeps an answer; one that has to wait, as it is in the end. */
  keep(eventId: string, verdict: Verdict, isCounted: boolean): Verdict {
    const { again } = verdict.verdict === 'delay' ? verdict : {};
    const kept = again ? { ...verdict, again: async () => this.keep(eventId, await again(), isCounted) } : verdict;
    this.#given.set(eventId, { verdict: kept, at: this.#clock.now(), isCounted });
    return kept;
  }
}

/** Whether a message costs its sender something: it does not when a server asks that the sender is not on. */
export function costs({ entrance, origin, sender }: Candidate): boolean {
  return entrance !== 'sign' || origin === undefined || origin === serverOf(sender);
}
