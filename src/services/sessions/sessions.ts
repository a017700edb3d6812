import { unknownToken, userLocked } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/identifiers/device-id.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import type { TokenPairRow } from '../../storage/contract/sessions.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { Devices, NewDevice } from '../devices/devices.ts';
import type { SessionCache } from './session-cache.ts';
import { hashToken, newToken } from './tokens.ts';

/** Milliseconds; undefined for never. */
export interface SessionLifetimes {
  readonly accessTokenLifetime: number | undefined;
  readonly refreshableAccessTokenLifetime: number;
  readonly refreshTokenLifetime: number | undefined;
}

export interface SessionOptions extends NewDevice {
  /** Whether the client can refresh its access token. */
  readonly canRefresh?: boolean | undefined;
}

export interface NewTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Lifetime of the access token in milliseconds; left out if it does not expire. */
  readonly expiresInMs?: number;
}

export interface NewSession extends NewTokens {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
}

export interface SessionsDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly devices: Devices;
  readonly cache: SessionCache;
  readonly lifetimes: SessionLifetimes;
}

/** Begins and refreshes sessions: one for each device, with one access token, and if the client can, a refresh token. */
export class Sessions {
  readonly #with: SessionsDependencies;

  constructor(dependencies: SessionsDependencies) {
    this.#with = dependencies;
  }

  /** Adds a session on a device to `set`; a session that the device had ends. */
  async addNew(set: WriteSet, userId: UserId, options: SessionOptions): Promise<NewSession> {
    const { devices, cache } = this.#with;
    const deviceId = await devices.addLogin(set, userId, options);
    set.add('token_pairs.deleteOfDevice', { user_id: userId, device_id: deviceId });
    set.onCommitted(() => cache.forget(userId, deviceId));
    const tokens = this.#addTokens(set, { userId, deviceId, canRefresh: options.canRefresh === true, replaces: null });
    return { userId, deviceId, ...tokens };
  }

  /** Begins a session. */
  async start(userId: UserId, options: SessionOptions): Promise<NewSession> {
    const set = new WriteSet();
    const session = await this.addNew(set, userId, options);
    await this.#with.storage.commit(set);
    return session;
  }

  /**
   * New tokens for a refresh token. It stays good until one of the new ones is used, for the reply may get lost; those
   * that a repeated request makes replace the ones before.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#refreshing-access-tokens
   *
   * @throws 401 `M_UNKNOWN_TOKEN`, with soft logout if the session was unused for too long; 401 `M_USER_LOCKED`
   */
  async refresh(refreshToken: string): Promise<NewTokens> {
    const { storage, clock, cache } = this.#with;
    const hash = hashToken(refreshToken);
    const pair = await storage.read((tx) => tx.sessions.byRefreshHash(hash));
    if (pair === undefined || pair.deactivated_at !== null) throw unknownToken();
    if (pair.refresh_expires_at !== null && pair.refresh_expires_at <= clock.now()) {
      throw unknownToken({ softLogout: true, text: 'The refresh token has expired' });
    }
    if (pair.locked === 1) throw userLocked();
    const set = new WriteSet();
    addConfirmation(set, pair);
    set.add('token_pairs.deleteSuccessors', { replaces: pair.access_hash });
    set.onCommitted(() => cache.forget(pair.user_id, pair.device_id));
    const owner = { userId: pair.user_id, deviceId: pair.device_id };
    const tokens = this.#addTokens(set, { ...owner, canRefresh: true, replaces: pair.access_hash });
    try {
      await storage.commit(set);
    } catch (error) {
      if (error instanceof ConflictError) throw unknownToken();
      throw error;
    }
    return tokens;
  }

  #addTokens(
    set: WriteSet,
    options: { userId: string; deviceId: string; canRefresh: boolean; replaces: Uint8Array | null },
  ): NewTokens {
    const { clock, random, lifetimes } = this.#with;
    const now = clock.now();
    const accessToken = newToken('access', random);
    const refreshToken = options.canRefresh ? newToken('refresh', random) : undefined;
    const lifetime = options.canRefresh ? lifetimes.refreshableAccessTokenLifetime : lifetimes.accessTokenLifetime;
    const refreshLifetime = options.canRefresh ? lifetimes.refreshTokenLifetime : undefined;
    set.add('token_pairs.insert', {
      access_hash: hashToken(accessToken),
      user_id: options.userId,
      device_id: options.deviceId,
      access_expires_at: lifetime === undefined ? null : now + lifetime,
      refresh_hash: refreshToken === undefined ? null : hashToken(refreshToken),
      refresh_expires_at: refreshLifetime === undefined ? null : now + refreshLifetime,
      replaces: options.replaces,
      created_at: now,
    });
    return {
      accessToken,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(lifetime === undefined ? {} : { expiresInMs: lifetime }),
    };
  }
}

/** One of the tokens of a pair is used: the pair that it came from ends. The commit is a conflict if it is gone. */
export function addConfirmation(set: WriteSet, pair: TokenPairRow): void {
  set.add('token_pairs.confirm', { access_hash: pair.access_hash });
  if (pair.replaces === null) return;
  set.add('token_pairs.deleteSuccessors', { replaces: pair.replaces });
  set.add('token_pairs.delete', { access_hash: pair.replaces });
}
