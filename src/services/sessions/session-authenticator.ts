import { unknownToken } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/identifiers/device-id.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import type { TokenOwnerRow } from '../../storage/contract/sessions.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { LastSeen } from '../devices/last-seen.ts';
import type { NoticeBoard } from '../events.ts';
import type { CachedSession, SessionCache, SessionOwner } from './session-cache.ts';
import { addConfirmation } from './sessions.ts';
import { hashToken } from './tokens.ts';

/** What is noted of a request. */
export interface TokenUse {
  readonly address: string;
  readonly headers: { readonly 'user-agent'?: string | undefined };
}

export interface SessionAuthenticatorDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly cache: SessionCache;
  readonly lastSeen: LastSeen;
  /** Users without rate limits. */
  readonly exemptUsers: readonly string[];
}

/** A device that keeps asking from the same place is noted this often. */
const NOTE_EVERY_MS = 60_000;
/** Longer ones are none of ours and not worth a look into the database. */
const MAX_TOKEN_LENGTH = 200;

/**
 * Finds out whose access token it is: without a promise, and in about a microsecond, if it was used before.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#client-authentication
 */
export class SessionAuthenticator {
  readonly #with: SessionAuthenticatorDependencies;
  readonly #exempt: ReadonlySet<string>;

  constructor(dependencies: SessionAuthenticatorDependencies) {
    this.#with = dependencies;
    this.#exempt = new Set(dependencies.exemptUsers);
    const { notices, cache } = dependencies;
    notices.on('account', ({ userId }) => cache.forget(userId));
    notices.on('deviceDeleted', ({ userId, deviceId }) => cache.forget(userId, deviceId));
  }

  /** @throws 401 `M_UNKNOWN_TOKEN`, with soft logout if the token has expired. */
  accessToken(token: string, use: TokenUse): SessionOwner | Promise<SessionOwner> {
    const known = this.#with.cache.get(token);
    return known === undefined ? this.#load(token, use) : this.#admit(known, use);
  }

  async #load(token: string, use: TokenUse): Promise<SessionOwner> {
    const { storage, cache } = this.#with;
    if (token.length > MAX_TOKEN_LENGTH) throw unknownToken();
    const { version } = cache;
    const row = await storage.read((tx) => tx.sessions.byAccessHash(hashToken(token)));
    if (row === undefined || row.deactivated_at !== null) throw unknownToken();
    const session = this.#ofRow(row);
    // Confirming forgets what is cached of the device, so this session is cached when it is used next.
    if (row.replaces !== null && session.expiresAt > this.#with.clock.now()) await this.#confirm(row);
    const owner = this.#admit(session, use);
    cache.put(token, session, version);
    return owner;
  }

  /** The first use of a refreshed token is what ends the one before. */
  async #confirm(row: TokenOwnerRow): Promise<void> {
    const set = new WriteSet();
    addConfirmation(set, row);
    set.onCommitted(() => this.#with.cache.forget(row.user_id, row.device_id));
    try {
      await this.#with.storage.commit(set);
    } catch (error) {
      if (error instanceof ConflictError) throw unknownToken();
      throw error;
    }
  }

  #admit(session: CachedSession, use: TokenUse): SessionOwner {
    const now = this.#with.clock.now();
    if (now >= session.expiresAt) throw unknownToken({ softLogout: true, text: 'The access token has expired' });
    const userAgent = use.headers['user-agent'];
    const isNoted =
      now - session.notedAt < NOTE_EVERY_MS &&
      use.address === session.notedAddress &&
      userAgent === session.notedUserAgent;
    if (!isNoted) this.#note(session, { at: now, address: use.address, userAgent });
    return session.owner;
  }

  #note(session: CachedSession, sighting: { at: number; address: string; userAgent: string | undefined }): void {
    session.notedAt = sighting.at;
    session.notedAddress = sighting.address;
    session.notedUserAgent = sighting.userAgent;
    this.#with.lastSeen.note(session.owner.userId, session.owner.deviceId, sighting);
  }

  #ofRow(row: TokenOwnerRow): CachedSession {
    return {
      owner: {
        userId: row.user_id as UserId,
        deviceId: row.device_id as DeviceId,
        tokenId: Buffer.from(row.access_hash).toString('base64url'),
        isGuest: row.is_guest === 1,
        isAdmin: row.is_admin === 1,
        isSuspended: row.suspended === 1,
        isLocked: row.locked === 1,
        isRateLimited: row.unlimited !== 1 && !this.#exempt.has(row.user_id),
        limitFactor: row.limit_percent / 100,
      },
      expiresAt: row.access_expires_at ?? Number.POSITIVE_INFINITY,
      notedAt: 0,
      notedAddress: '',
      notedUserAgent: undefined,
    };
  }
}
