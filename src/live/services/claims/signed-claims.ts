/**
 * Claims that the platform has signed and that people bring along: a JWT for one user in one channel and a few minutes.
 * Signatures are asymmetric, by one algorithm that the configuration names; a shared secret would let whoever checks
 * claims make them.
 */
import { forbidden, type MatrixError } from '../../../protocol/errors.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { TokenIssuer } from '../../../services/external-login/token-issuer.ts';
import type { Clock } from '../../../util/clock.ts';
import { type Claims, NO_CLAIMS, type RoleMeaning, readClaims } from '../../rules/claims.ts';
import type { EntitlementProvider } from '../entitlements.ts';
import { ClaimsCache } from './claims-cache.ts';

export interface SignedClaimsParts {
  readonly clock: Clock;
  readonly issuer: Pick<TokenIssuer, 'verify'>;
  readonly meanings: ReadonlyMap<string, RoleMeaning>;
  /** Claims that are remembered. */
  readonly max: number;
  /** Milliseconds for which claims may hold. */
  readonly longestMs: number;
  /** Told why claims were refused. */
  onRefused(error: unknown): void;
}

/** Longer tokens are refused before they cost anything. */
const MAX_LENGTH = 8 * 1024;

export class SignedClaims implements EntitlementProvider {
  readonly #parts: SignedClaimsParts;
  readonly #cache: ClaimsCache;

  constructor(parts: SignedClaimsParts) {
    this.#parts = parts;
    this.#cache = new ClaimsCache(parts.max);
  }

  /** Takes claims that a user has brought. @throws 403 `M_FORBIDDEN` whatever is wrong with them */
  async present(token: string, userId: string, channelId: string): Promise<void> {
    try {
      if (token.length > MAX_LENGTH) throw new Error('the claims are too long');
      const { claims } = await this.#parts.issuer.verify(token);
      const { at, until } = this.#lifeOf(claims);
      if (claims['mxid'] !== userId) throw new Error('the claims are of another user');
      if (claims['ch'] !== channelId) throw new Error('the claims are for another channel');
      const known = { claims: readClaims(claims, this.#parts.meanings), at, until };
      if (!this.#cache.put(userId, channelId, known)) throw new Error('the claims are older than their last change');
    } catch (error) {
      this.#parts.onRefused(error);
      throw refusal();
    }
  }

  async claimsOf(userId: string, channelId: string): Promise<Claims> {
    const known = this.#cache.get(userId, channelId);
    return known && this.#parts.clock.now() < known.until ? known.claims : NO_CLAIMS;
  }

  changed(userId: string, channelId: string | undefined): void {
    this.#cache.forget(userId, channelId, this.#parts.clock.now());
  }

  #lifeOf({ iat, exp }: JsonObject): { at: number; until: number } {
    if (typeof iat !== 'number' || typeof exp !== 'number') throw new Error('the claims lack "iat" or "exp"');
    const { longestMs } = this.#parts;
    if (exp <= iat || (exp - iat) * 1000 > longestMs) throw new Error(`the claims hold longer than ${longestMs} ms`);
    return { at: iat * 1000, until: exp * 1000 };
  }
}

function refusal(): MatrixError {
  return forbidden('These claims are not valid here');
}
