/**
 * Resume secrets: by which somebody who was cut off comes back as who they were without a new ticket. Bound to the web
 * origin, good while the connection lasts that they were given on and for some time after.
 */
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { type Bound, BoundSecrets, hashOf, type TicketHolder } from './bound-secrets.ts';

export interface ResumeSecretLimits {
  readonly max: number;
  /** Milliseconds after the cut. */
  readonly lifeMs: number;
}

export class ResumeSecrets {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #secrets: BoundSecrets<Bound>;

  constructor(clock: Clock, random: Random, { max, lifeMs }: ResumeSecretLimits) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#secrets = new BoundSecrets(clock, random, max);
  }

  issue({ userId, deviceId }: TicketHolder, origin: string | undefined): string {
    return this.#secrets.issue({ userId, deviceId, origin, expiresAt: undefined });
  }

  /** Takes in a secret that another process has given out, by its hash, or takes one for lasting again. */
  keep(hash: string, { userId, deviceId }: TicketHolder, origin: string | undefined): void {
    this.#secrets.keep(hash, { userId, deviceId, origin, expiresAt: undefined });
  }

  /** The connection is cut: the time of its secret begins to run. */
  cut(secret: string): void {
    this.cutHash(hashOf(secret));
  }

  cutHash(hash: string): void {
    const known = this.#secrets.findHash(hash);
    if (known) known.expiresAt = this.#clock.now() + this.#lifeMs;
  }

  /** Whose secret it is. It is used up by that: a new one comes with the new connection. */
  redeem(secret: string, origin: string | undefined): TicketHolder | undefined {
    return this.#secrets.redeem(secret, origin);
  }

  /** Takes back those of a user, or of one of its devices. */
  revoke(userId: string, deviceId?: string): void {
    this.#secrets.revoke(userId, deviceId);
  }
}
