import { limitExceeded } from '../protocol/errors.ts';
import type { Clock } from '../util/clock.ts';
import { type BucketSize, TokenBuckets } from '../util/token-buckets.ts';
import { limitKey } from './client-address.ts';
import type { Requester, ServerRequester } from './requester.ts';

/** The buckets that an endpoint can be under; their sizes are in the configuration. */
export type RateLimitBucket =
  | 'login'
  | 'registration'
  | 'message'
  | 'roomCreation'
  | 'join'
  | 'invite'
  | 'ephemeral'
  | 'media'
  | 'mediaDownload'
  | 'keys'
  | 'search'
  | 'federation'
  | 'general';

export interface RateLimitSettings extends Readonly<Record<RateLimitBucket | 'address', BucketSize>> {
  /** Whether limits apply at all. */
  readonly enabled: boolean;
}

/** Counts requests by who makes them and throws 429 `M_LIMIT_EXCEEDED` beyond the limit. */
export class RateLimits {
  readonly #buckets: ReadonlyMap<string, TokenBuckets> | undefined;

  constructor(settings: RateLimitSettings, clock: Clock) {
    if (!settings.enabled) return;
    const { enabled: _, ...sizes } = settings;
    this.#buckets = new Map(
      Object.entries(sizes)
        .filter(([, size]) => typeof size.burst === 'number')
        .map(([name, size]) => [name, new TokenBuckets(size, clock)]),
    );
  }

  /** For a request without an account: both its own bucket and the one of all such requests. */
  byAddress(bucket: RateLimitBucket, address: string): void {
    if (this.#buckets === undefined) return;
    const key = limitKey(address);
    this.#take('address', key);
    this.#take(bucket, `address ${key}`);
  }

  /** For a request whose token or signature was refused. */
  refused(address: string): void {
    if (this.#buckets !== undefined) this.#take('address', limitKey(address));
  }

  byRequester(bucket: RateLimitBucket, requester: Requester | ServerRequester): void {
    if (this.#buckets === undefined) return;
    if ('serverName' in requester) this.#take(bucket, requester.serverName);
    else if (requester.isRateLimited) this.#take(bucket, requester.userId, 1 / (requester.limitFactor ?? 1));
  }

  #take(bucket: string, key: string, cost = 1): void {
    const wait = this.#buckets?.get(bucket)?.take(key, cost) ?? 0;
    if (wait > 0) throw limitExceeded(wait);
  }
}
