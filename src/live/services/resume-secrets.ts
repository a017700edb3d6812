/**
 * Resume secrets: by which somebody who was cut off comes back as who they were without a new ticket. Kept as hashes, in
 * memory, bound to the web origin, good while the connection lasts that they were given on and for some time after.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { Random } from '../../util/random.ts';
import type { TicketHolder } from './tickets.ts';

interface Secret extends TicketHolder {
  readonly origin: string | undefined;
  /** Undefined while the connection lasts. */
  expiresAt: number | undefined;
}

export interface ResumeSecretLimits {
  readonly max: number;
  /** Milliseconds after the cut. */
  readonly lifeMs: number;
}

const LENGTH = 22;

export class ResumeSecrets {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lifeMs: number;
  readonly #secrets: Lru<string, Secret>;
  /** Hashes by user, so that a logout does not look at all of them. */
  readonly #ofUser = new Map<string, Set<string>>();

  constructor(clock: Clock, random: Random, { max, lifeMs }: ResumeSecretLimits) {
    this.#clock = clock;
    this.#random = random;
    this.#lifeMs = lifeMs;
    this.#secrets = new Lru({ max, dispose: ({ userId }, hash) => this.#unlist(userId, hash) });
  }

  issue({ userId, deviceId }: TicketHolder, origin: string | undefined): string {
    const secret = this.#random.token(LENGTH);
    const hash = hashOf(secret);
    this.#secrets.set(hash, { userId, deviceId, origin, expiresAt: undefined });
    const listed = this.#ofUser.get(userId) ?? new Set();
    this.#ofUser.set(userId, listed.add(hash));
    return secret;
  }

  /** The connection is cut: the time of its secret begins to run. */
  cut(secret: string): void {
    const known = this.#secrets.get(hashOf(secret));
    if (known) known.expiresAt = this.#clock.now() + this.#lifeMs;
  }

  /** Whose secret it is. It is used up by that: a new one comes with the new connection. */
  redeem(secret: string, origin: string | undefined): TicketHolder | undefined {
    const hash = hashOf(secret);
    const known = this.#secrets.get(hash);
    if (!known) return undefined;
    this.#secrets.delete(hash);
    const isOver = known.expiresAt !== undefined && known.expiresAt <= this.#clock.now();
    return known.origin !== origin || isOver ? undefined : { userId: known.userId, deviceId: known.deviceId };
  }

  /** Takes back those of a user, or of one of its devices. */
  revoke(userId: string, deviceId?: string): void {
    for (const hash of [...(this.#ofUser.get(userId) ?? [])]) {
      if (deviceId === undefined || this.#secrets.peek(hash)?.deviceId === deviceId) this.#secrets.delete(hash);
    }
  }

  #unlist(userId: string, hash: string): void {
    const listed = this.#ofUser.get(userId);
    listed?.delete(hash);
    if (listed?.size === 0) this.#ofUser.delete(userId);
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
