/**
 * Passes: by which whoever has no access token, as the page for sites, chats in one channel by HTTP where no WebSocket
 * gets through. Got for a ticket, a resume secret or the pass before; good for some minutes.
 */
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { type Bound, BoundSecrets, isSameOrigin, type TicketHolder } from './bound-secrets.ts';

interface Pass extends Bound {
  readonly channelId: string;
}

export interface PassLimits {
  readonly max: number;
  /** Milliseconds for which one is good. */
  readonly lifeMs: number;
}

/** Where a pass is shown. */
export interface PassUse {
  readonly channelId: string;
  /** As the header says; browsers leave it out of what a page reads from where it is from itself. */
  readonly origin: string | undefined;
  readonly isReading: boolean;
}

export class Passes {
  readonly #clock: Clock;
  readonly lifeMs: number;
  readonly #passes: BoundSecrets<Pass>;

  constructor(clock: Clock, random: Random, { max, lifeMs }: PassLimits) {
    this.#clock = clock;
    this.lifeMs = lifeMs;
    this.#passes = new BoundSecrets(clock, random, max);
  }

  issue({ userId, deviceId }: TicketHolder, channelId: string, origin: string | undefined): string {
    const expiresAt = this.#clock.now() + this.lifeMs;
    return this.#passes.issue({ userId, deviceId, channelId, origin, expiresAt });
  }

  holder(pass: string, { channelId, origin, isReading }: PassUse): TicketHolder | undefined {
    const known = this.#passes.find(pass);
    if (known?.channelId !== channelId) return undefined;
    const isFromThere = isSameOrigin(known.origin, origin) || (isReading && origin === undefined);
    return isFromThere ? { userId: known.userId, deviceId: known.deviceId } : undefined;
  }

  /** Takes back those of a user, or of one of its devices. */
  revoke(userId: string, deviceId?: string): void {
    this.#passes.revoke(userId, deviceId);
  }
}
