/** How many sockets there may be: in all, by address, by user. Addresses are kept as salted hashes only. */
import { hash } from 'node:crypto';
import type { Clock } from '../../../util/clock.ts';
import type { Random } from '../../../util/random.ts';
import { TokenBuckets } from '../../../util/token-buckets.ts';

export interface CapLimits {
  readonly sockets: number;
  /** Mobile networks put many viewers behind one IPv4 address; an IPv6 network of /64 is one household. */
  readonly perIpv4: number;
  readonly perIpv6Network: number;
  readonly perUser: number;
  /** New sockets a second from one address. */
  readonly handshakes: { readonly perSecond: number; readonly burst: number };
}

export type CapVerdict =
  /** `key` is to be given back by {@link SocketCaps.release}. */
  | { readonly admitted: true; readonly key: string }
  /** Viewers beyond a cap may read by polling. */
  | { readonly admitted: false; readonly reason: 'handshakes' | 'address' | 'process'; readonly retryMs: number };

const DAY_MS = 86_400_000;
const RETRY_MS = 5000;

export class SocketCaps {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: CapLimits;
  readonly #handshakes: TokenBuckets;
  readonly #byAddress = new Map<string, number>();
  readonly #byUser = new Map<string, number>();
  #open = 0;
  #salt: string;
  #saltedAt: number;

  constructor(clock: Clock, random: Random, limits: CapLimits) {
    this.#clock = clock;
    this.#random = random;
    this.#limits = limits;
    this.#handshakes = new TokenBuckets(limits.handshakes, clock);
    this.#salt = random.token(22);
    this.#saltedAt = clock.now();
  }

  get open(): number {
    return this.#open;
  }

  /** Asks for a socket from an address. */
  admit(address: string): CapVerdict {
    if (this.#open >= this.#limits.sockets) return { admitted: false, reason: 'process', retryMs: RETRY_MS };
    const { group, cap } = this.#groupOf(address);
    const key = this.#hashed(group);
    const wait = this.#handshakes.take(key);
    if (wait > 0) return { admitted: false, reason: 'handshakes', retryMs: wait };
    const count = this.#byAddress.get(key) ?? 0;
    if (count >= cap) return { admitted: false, reason: 'address', retryMs: RETRY_MS };
    this.#byAddress.set(key, count + 1);
    this.#open += 1;
    return { admitted: true, key };
  }

  release(key: string): void {
    this.#open -= 1;
    lower(this.#byAddress, key);
  }

  /** Whether a user may have one socket more; it counts if so. */
  admitUser(userId: string): boolean {
    const count = this.#byUser.get(userId) ?? 0;
    if (count >= this.#limits.perUser) return false;
    this.#byUser.set(userId, count + 1);
    return true;
  }

  releaseUser(userId: string): void {
    lower(this.#byUser, userId);
  }

  #groupOf(address: string): { group: string; cap: number } {
    if (!address.includes(':')) return { group: address, cap: this.#limits.perIpv4 };
    return { group: networkOf(address), cap: this.#limits.perIpv6Network };
  }

  #hashed(group: string): string {
    const now = this.#clock.now();
    if (Math.abs(now - this.#saltedAt) >= DAY_MS) {
      this.#salt = this.#random.token(22);
      this.#saltedAt = now;
    }
    return hash('sha256', this.#salt + group, 'base64');
  }
}

function lower(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

/** The first 64 bits of an IPv6 address, in one spelling. */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
