/** Claims that are known, by user and channel: bounded, and gone at once where the platform says that they changed. */
import { Lru } from '../../../util/lru.ts';
import type { Claims } from '../../rules/claims.ts';

export interface KnownClaims {
  readonly claims: Claims;
  /** Milliseconds since the epoch: when the platform said it, and until when that holds. */
  readonly at: number;
  readonly until: number;
}

export class ClaimsCache {
  readonly #known: Lru<string, KnownClaims>;
  /** When the claims of a user, in a channel or in all, were last said to have changed. */
  readonly #changed: Lru<string, number>;

  constructor(max: number) {
    this.#known = new Lru({ max });
    this.#changed = new Lru({ max });
  }

  get(userId: string, channelId: string): KnownClaims | undefined {
    const known = this.#known.get(keyOf(userId, channelId));
    return known && known.at >= this.changedAt(userId, channelId) ? known : undefined;
  }

  /** Keeps them, unless they were said before the last change; answers whether it does. */
  put(userId: string, channelId: string, known: KnownClaims): boolean {
    if (known.at < this.changedAt(userId, channelId)) return false;
    this.#known.set(keyOf(userId, channelId), known);
    return true;
  }

  forget(userId: string, channelId: string | undefined, now: number): void {
    if (channelId !== undefined) this.#known.delete(keyOf(userId, channelId));
    this.#changed.set(keyOf(userId, channelId), now);
  }

  changedAt(userId: string, channelId: string): number {
    const times = [keyOf(userId, channelId), keyOf(userId, undefined)].map((key) => this.#changed.get(key));
    return Math.max(...times.map((at) => at ?? Number.NEGATIVE_INFINITY));
  }
}

function keyOf(userId: string, channelId: string | undefined): string {
  return `${channelId ?? ''}\0${userId}`;
}
