/** Roles that people had in another application when they last logged in from there: the same in every channel. */
import type { Clock } from '../../../util/clock.ts';
import { Lru } from '../../../util/lru.ts';
import { type Claims, NO_CLAIMS, type RoleMeaning, readClaims } from '../../rules/claims.ts';
import type { EntitlementProvider } from '../entitlements.ts';

export interface LoginRolesParts {
  readonly clock: Clock;
  /** The names of the roles of an account of this server. */
  rolesOf(userId: string): Promise<readonly string[]>;
  readonly meanings: ReadonlyMap<string, RoleMeaning>;
  /** Users that are remembered. */
  readonly max: number;
  /** Milliseconds after which the roles are read again: another process may have logged somebody in. */
  readonly refreshMs: number;
}

interface Known {
  readonly claims: Claims;
  readonly until: number;
}

export class LoginRoles implements EntitlementProvider {
  readonly #parts: LoginRolesParts;
  readonly #known: Lru<string, Known>;
  /** Counts changes: what was read before one is not remembered. */
  #changes = 0;

  constructor(parts: LoginRolesParts) {
    this.#parts = parts;
    this.#known = new Lru({ max: parts.max });
  }

  async claimsOf(userId: string): Promise<Claims> {
    const { clock, meanings, refreshMs, rolesOf } = this.#parts;
    const [now, changes] = [clock.now(), this.#changes];
    const known = this.#known.get(userId);
    if (known && now < known.until) return known.claims;
    const roles = [...(await rolesOf(userId))];
    const claims = roles.length === 0 ? NO_CLAIMS : readClaims({ roles }, meanings);
    if (changes === this.#changes) this.#known.set(userId, { claims, until: now + refreshMs });
    return claims;
  }

  changed(userId: string): void {
    this.#changes += 1;
    this.#known.delete(userId);
  }
}
