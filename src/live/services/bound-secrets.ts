/**
 * Secrets by which somebody is known for some time: kept as hashes, in memory, bound to a user, a device and the web
 * origin that asked. Tickets, resume secrets and passes are such.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { Random } from '../../util/random.ts';

export interface TicketHolder {
  readonly userId: string;
  readonly deviceId: string;
}

export interface Bound extends TicketHolder {
  readonly origin: string | undefined;
  /** Milliseconds since the epoch; undefined: not yet known. */
  expiresAt: number | undefined;
}

/** 22 letters and digits are more than 128 bits. */
const LENGTH = 22;

export class BoundSecrets<T extends Bound> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #known: Lru<string, T>;
  /** Hashes by user, so that a logout does not look at all of them. */
  readonly #ofUser = new Map<string, Set<string>>();

  /** `max`: beyond, the oldest is good no more. */
  constructor(clock: Clock, random: Random, max: number) {
    this.#clock = clock;
    this.#random = random;
    this.#known = new Lru({ max, dispose: ({ userId }, hash) => this.#unlist(userId, hash) });
  }

  issue(bound: T): string {
    const secret = newSecret(this.#random);
    this.keep(hashOf(secret), bound);
    return secret;
  }

  /** Takes in a secret that somebody else has made, by its hash. */
  keep(hash: string, bound: T): void {
    this.#known.set(hash, bound);
    const listed = this.#ofUser.get(bound.userId) ?? new Set();
    this.#ofUser.set(bound.userId, listed.add(hash));
  }

  /** What is bound to a secret; undefined for one that is unknown or too old. */
  find(secret: string): T | undefined {
    return this.findHash(hashOf(secret));
  }

  findHash(hash: string): T | undefined {
    const known = this.#known.get(hash);
    const isOver = known?.expiresAt !== undefined && known.expiresAt <= this.#clock.now();
    return isOver ? undefined : known;
  }

  /** Whose secret it is, once: whatever the answer, it is used. */
  redeem(secret: string, origin: string | undefined): TicketHolder | undefined {
    const known = this.find(secret);
    this.#known.delete(hashOf(secret));
    if (!known || !isSameOrigin(known.origin, origin)) return undefined;
    return { userId: known.userId, deviceId: known.deviceId };
  }

  /** Takes back those of a user, or of one of its devices: it has logged out. */
  revoke(userId: string, deviceId?: string): void {
    for (const hash of [...(this.#ofUser.get(userId) ?? [])]) {
      if (deviceId === undefined || this.#known.peek(hash)?.deviceId === deviceId) this.#known.delete(hash);
    }
  }

  #unlist(userId: string, hash: string): void {
    const listed = this.#ofUser.get(userId);
    listed?.delete(hash);
    if (listed?.size === 0) this.#ofUser.delete(userId);
  }
}

/** Browsers call the origin of a local file `null` in a request and `file://` at a WebSocket. */
export function plainOrigin(origin: string | undefined): string | undefined {
  return origin === 'file://' ? 'null' : origin;
}

export function isSameOrigin(one: string | undefined, other: string | undefined): boolean {
  return plainOrigin(one) === plainOrigin(other);
}

export function newSecret(random: Random): string {
  return random.token(LENGTH);
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
