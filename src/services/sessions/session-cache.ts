import type { DeviceId } from '../../protocol/identifiers/device-id.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import { Lru } from '../../util/lru.ts';

/** Who has an access token: what `src/http` calls a requester. */
export interface SessionOwner {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** Names the session; not the token itself. */
  readonly tokenId: string;
  readonly isGuest: boolean;
  readonly isAdmin: boolean;
  readonly isSuspended: boolean;
  readonly isLocked: boolean;
  readonly isRateLimited: boolean;
  /** How many times as high as those of others the rate limits are. */
  readonly limitFactor: number;
}

export interface CachedSession {
  readonly owner: SessionOwner;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When, whence and with what the token was last noted as used. */
  notedAt: number;
  notedAddress: string;
  notedUserAgent: string | undefined;
}

/** Sessions by access token, those unused for longest dropped, and found again by user to be forgotten. */
export class SessionCache {
  readonly #sessions: Lru<string, CachedSession>;
  readonly #tokensOf = new Map<string, Set<string>>();
  #forgotten = 0;

  constructor(max: number) {
    this.#sessions = new Lru<string, CachedSession>({
      max,
      dispose: (session, token) => this.#unlist(session.owner.userId, token),
    });
  }

  get(token: string): CachedSession | undefined {
    return this.#sessions.get(token);
  }

  /** Grows with every call of {@link forget}: what was read before one may be old. */
  get version(): number {
    return this.#forgotten;
  }

  /** Keeps what was read from the database when the cache had `version`, unless something was forgotten since. */
  put(token: string, session: CachedSession, version: number): void {
    if (version !== this.#forgotten) return;
    this.#sessions.set(token, session);
    const { userId } = session.owner;
    const tokens = this.#tokensOf.get(userId);
    if (tokens) tokens.add(token);
    else this.#tokensOf.set(userId, new Set([token]));
  }

  /** Forgets the sessions of a user, or of one device. */
  forget(userId: string, deviceId?: string): void {
    this.#forgotten += 1;
    for (const token of [...(this.#tokensOf.get(userId) ?? [])]) {
      const session = this.#sessions.peek(token);
      if (deviceId === undefined || session?.owner.deviceId === deviceId) this.#sessions.delete(token);
    }
  }

  #unlist(userId: string, token: string): void {
    const tokens = this.#tokensOf.get(userId);
    tokens?.delete(token);
    if (tokens?.size === 0) this.#tokensOf.delete(userId);
  }
}
