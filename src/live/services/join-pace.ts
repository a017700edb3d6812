/** Lets chatters into rooms at a pace that the state of a room can bear: who comes in a wave waits for a moment. */
import type { Membership } from '../../services/membership/membership.ts';
import type { Clock } from '../../util/clock.ts';
import { TokenBuckets } from '../../util/token-buckets.ts';
import { refuse } from '../rules/refusals.ts';
import { errorOf } from './refusal-errors.ts';

export interface JoinPaceParts {
  readonly membership: Pick<Membership, 'join'>;
  readonly clock: Clock;
  readonly limits: {
    readonly perSecond: number;
    /** Of all rooms. */
    readonly waiting: number;
  };
}

export class JoinPace {
  readonly #parts: JoinPaceParts;
  readonly #buckets: TokenBuckets;
  #waiting = 0;

  constructor(parts: JoinPaceParts) {
    this.#parts = parts;
    const { perSecond } = parts.limits;
    this.#buckets = new TokenBuckets({ perSecond, burst: perSecond }, parts.clock);
  }

  /** @throws `room_busy` where too many wait; what joining throws */
  async join(userId: string, roomId: string): Promise<void> {
    const { membership, clock, limits } = this.#parts;
    for (let wait = this.#buckets.take(roomId); wait > 0; wait = this.#buckets.take(roomId)) {
      if (this.#waiting >= limits.waiting) throw errorOf(refuse('room_busy', wait + 1000), 'client');
      this.#waiting += 1;
      await new Promise<void>((resolve) => clock.after(wait, resolve)).finally(() => {
        this.#waiting -= 1;
      });
    }
    await membership.join({ userId, isGuest: false }, roomId, {});
  }
}
