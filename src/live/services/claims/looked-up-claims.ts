/**
 * Claims that the platform is asked for when somebody does something in a channel. It is asked again before they are
 * old, so that nobody waits for it; while it is away what it said last holds until its end, and then opens nothing.
 */
import type { OutgoingClient } from '../../../outgoing/outgoing-client.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json.ts';
import type { Clock } from '../../../util/clock.ts';
import { type Claims, expiredClaims, NO_CLAIMS, type RoleMeaning, readClaims } from '../../rules/claims.ts';
import type { EntitlementProvider } from '../entitlements.ts';
import { ClaimsCache, type KnownClaims } from './claims-cache.ts';

export interface LookedUpClaimsParts {
  readonly clock: Clock;
  readonly client: Pick<OutgoingClient, 'send'>;
  /** With `{user}`, or `{localpart}`, and `{channel}` in it. */
  readonly url: string;
  /** Bearer token for it. */
  readonly token: string | undefined;
  readonly timeoutMs: number;
  /** Milliseconds after which it is asked again. */
  readonly refreshMs: number;
  /** Milliseconds for which an answer holds that says nothing of its end (`exp`). */
  readonly holdMs: number;
  /** Milliseconds for which it is not asked after it did not answer. */
  readonly pauseMs: number;
  readonly meanings: ReadonlyMap<string, RoleMeaning>;
  /** Claims that are remembered. */
  readonly max: number;
  onFault(error: unknown): void;
}

const MAX_BYTES = 64 * 1024;

export class LookedUpClaims implements EntitlementProvider {
  readonly #parts: LookedUpClaimsParts;
  readonly #cache: ClaimsCache;
  readonly #asking = new Map<string, Promise<KnownClaims | undefined>>();
  #awayUntil = Number.NEGATIVE_INFINITY;

  constructor(parts: LookedUpClaimsParts) {
    this.#parts = parts;
    this.#cache = new ClaimsCache(parts.max);
  }

  async claimsOf(userId: string, channelId: string): Promise<Claims> {
    const { clock, refreshMs } = this.#parts;
    const known = this.#cache.get(userId, channelId);
    const age = known ? Math.abs(clock.now() - known.at) : Number.POSITIVE_INFINITY;
    if (known && age < refreshMs) {
      if (age >= refreshMs / 2) void this.#ask(userId, channelId);
      return known.claims;
    }
    return inForce((await this.#ask(userId, channelId)) ?? known, clock.now());
  }

  changed(userId: string, channelId: string | undefined): void {
    this.#cache.forget(userId, channelId, this.#parts.clock.now());
  }

  /** What the platform answers, asked once for all who want to know; undefined if it does not. */
  #ask(userId: string, channelId: string): Promise<KnownClaims | undefined> {
    const key = `${channelId}\0${userId}`;
    const running = this.#asking.get(key);
    if (running) return running;
    if (this.#parts.clock.now() < this.#awayUntil) return Promise.resolve(undefined);
    const asking = this.#fetch(userId, channelId)
      .catch((error: unknown) => {
        this.#awayUntil = this.#parts.clock.now() + this.#parts.pauseMs;
        this.#parts.onFault(error);
        return undefined;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #fetch(userId: string, channelId: string): Promise<KnownClaims> {
    const { clock, client, token, timeoutMs, holdMs, meanings } = this.#parts;
    const askedAt = clock.now();
    const headers = { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const url = this.#address(userId, channelId);
    const bounds = { timeoutMs, maxBytes: MAX_BYTES, allowPlainHttp: url.startsWith('http:') };
    const reply = await client.send({ url, headers, purpose: 'live', ...bounds });
    const isUnknown = reply.status === 404 || reply.status === 410;
    if (reply.status !== 200 && !isUnknown) throw new Error(`claims were answered with ${reply.status}`);
    const answer = isUnknown ? {} : objectIn(reply.body);
    const exp = answer['exp'];
    const until = typeof exp === 'number' ? exp * 1000 : askedAt + holdMs;
    const known = { claims: readClaims(answer, meanings), at: askedAt, until };
    // One that changed meanwhile holds for this time and is asked for again the next.
    this.#cache.put(userId, channelId, known);
    return known;
  }

  #address(userId: string, channelId: string): string {
    const values = { user: userId, localpart: userId.slice(1).split(':', 1)[0] ?? '', channel: channelId };
    return Object.entries(values).reduce(
      (url, [name, value]) => url.replaceAll(`{${name}}`, () => encodeURIComponent(value)),
      this.#parts.url,
    );
  }
}

function inForce(known: KnownClaims | undefined, now: number): Claims {
  if (!known) return NO_CLAIMS;
  return now < known.until ? known.claims : expiredClaims(known.claims);
}

function objectIn(body: Buffer): JsonObject {
  const answer = JSON.parse(body.toString()) as JsonValue;
  if (!isJsonObject(answer)) throw new Error('claims were not answered with an object');
  return answer;
}
