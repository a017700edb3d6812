import type { MatrixError } from '../../protocol/errors.ts';
import type { DelayedEventRow, FinalisedDelayedEventRow } from '../../storage/contract/delayed-events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';

/** What became of a delayed event: it was sent, or its owner or an error has cancelled it. */
export type Outcome = { readonly eventId: string } | { readonly error?: MatrixError | undefined };

export interface FinalisedLimits {
  /** Of one user that are kept. */
  readonly keptPerUser: number;
  /** Milliseconds for which they are. */
  readonly keptFor: number;
}

/**
 * Delayed events that wait no more. They are kept for a while, for their owners to see what became of them and for
 * requests that are made once more.
 */
export class FinalisedDelayedEvents {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #limits: FinalisedLimits;

  constructor(storage: Storage, clock: Clock, limits: FinalisedLimits) {
    this.#storage = storage;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** In one commit: it waits no more, and its outcome is known. */
  async add(row: DelayedEventRow, outcome: Outcome): Promise<void> {
    const now = this.#clock.now();
    const { delay_id, user_id, room_id, type, state_key, content, delay, running_since } = row;
    const error = 'error' in outcome && outcome.error !== undefined ? JSON.stringify(outcome.error) : null;
    const finalised: FinalisedDelayedEventRow = {
      ...{ delay_id, user_id, room_id, type, state_key, content, delay, running_since },
      ...{ finalised_at: now, event_id: 'eventId' in outcome ? outcome.eventId : null, error },
    };
    await this.#storage.commit(
      new WriteSet()
        .add('delayed_events.delete', { delay_id })
        .add('finalised_delayed_events.insert', finalised)
        .add('finalised_delayed_events.trim', { user_id, kept: this.#limits.keptPerUser }),
    );
  }

  /** Undefined for one that waits, that there has never been, or that is forgotten. */
  async get(delayId: string): Promise<FinalisedDelayedEventRow | undefined> {
    const row = await this.#storage.read((tx) => tx.delayedEvents.finalisedById(delayId));
    return row && row.finalised_at > this.#since() ? row : undefined;
  }

  /** Those of a user, the one that was finalised first first. */
  ofUser(userId: string): Promise<FinalisedDelayedEventRow[]> {
    const { keptPerUser } = this.#limits;
    return this.#storage.read((tx) => tx.delayedEvents.finalisedOfUser(userId, this.#since(), keptPerUser));
  }

  /** Forgets those whose time is over. */
  async expire(): Promise<void> {
    await this.#storage.commit(new WriteSet().add('finalised_delayed_events.expire', { finalised_at: this.#since() }));
  }

  #since(): number {
    return this.#clock.now() - this.#limits.keptFor;
  }
}
