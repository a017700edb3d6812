import type { Clock } from './clock.ts';
import { Lru } from './lru.ts';

export interface BucketSize {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens of a full bucket: what can be taken at once. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  /** Milliseconds since the epoch at which `tokens` was right. */
  at: number;
}

/** One token bucket a key. Keys beyond `maxKeys` push out the one unused for longest, which starts full again. */
export class TokenBuckets {
  readonly #buckets: Lru<string, Bucket>;
  readonly #size: BucketSize;
  readonly #clock: Clock;

  constructor(size: BucketSize, clock: Clock, maxKeys = 50_000) {
    this.#size = size;
    this.#clock = clock;
    this.#buckets = new Lru({ max: maxKeys });
  }

  /** Takes `cost` tokens and answers 0, or takes none and answers the milliseconds until there will be enough. */
  take(key: string, cost = 1): number {
    const bucket = this.#refilled(key);
    if (bucket.tokens >= cost) {
      bucket.tokens -= cost;
      return 0;
    }
    return Math.max(1, Math.ceil(((cost - bucket.tokens) / this.#size.perSecond) * 1000));
  }

  /** Returns tokens that were taken for something that then did not count. */
  giveBack(key: string, cost = 1): void {
    const bucket = this.#refilled(key);
    bucket.tokens = Math.min(this.#size.burst, bucket.tokens + cost);
  }

  #refilled(key: string): Bucket {
    const now = this.#clock.now();
    const found = this.#buckets.get(key);
    if (found === undefined) {
      const fresh = { tokens: this.#size.burst, at: now };
      this.#buckets.set(key, fresh);
      return fresh;
    }
    // A clock that was set back gives nothing and takes nothing.
    const elapsed = Math.max(0, now - found.at);
    found.tokens = Math.min(this.#size.burst, found.tokens + (elapsed / 1000) * this.#size.perSecond);
    found.at = now;
    return found;
  }
}
