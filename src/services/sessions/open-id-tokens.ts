import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { hashToken, newToken } from './tokens.ts';

const LIFETIME_MS = 60 * 60_000;

/**
 * Tokens that tell another service who a user is, and nothing else.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#openid
 */
export class OpenIdTokens {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(storage: Storage, clock: Clock, random: Random) {
    this.#storage = storage;
    this.#clock = clock;
    this.#random = random;
  }

  async create(userId: string): Promise<{ token: string; expiresInMs: number }> {
    const token = newToken('openId', this.#random);
    const expires_at = this.#clock.now() + LIFETIME_MS;
    const row = { token_hash: hashToken(token), user_id: userId, expires_at };
    await this.#storage.commit(new WriteSet().add('openid_tokens.insert', row));
    return { token, expiresInMs: LIFETIME_MS };
  }

  /** The user who made the token; undefined if it is unknown or has expired. */
  async userOf(token: string): Promise<string | undefined> {
    const row = await this.#storage.read((tx) => tx.sessions.openIdToken(hashToken(token)));
    return row !== undefined && row.expires_at > this.#clock.now() ? row.user_id : undefined;
  }
}
