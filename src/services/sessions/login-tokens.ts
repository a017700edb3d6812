import { forbidden } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { hashToken, newToken } from './tokens.ts';

/**
 * Tokens with which a session lets another device log in, once.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#token-based-user-login
 */
export class LoginTokens {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Milliseconds. */
  readonly lifetime: number;

  constructor(storage: Storage, clock: Clock, random: Random, lifetime: number) {
    this.#storage = storage;
    this.#clock = clock;
    this.#random = random;
    this.lifetime = lifetime;
  }

  async create(userId: string): Promise<string> {
    const token = newToken('login', this.#random);
    const expires_at = this.#clock.now() + this.lifetime;
    const row = { token_hash: hashToken(token), user_id: userId, expires_at };
    await this.#storage.commit(new WriteSet().add('login_tokens.insert', row));
    return token;
  }

  /** @throws 403 `M_FORBIDDEN` if the token is unknown, was used or has expired. */
  async use(token: string): Promise<UserId> {
    const hash = hashToken(token);
    const row = await this.#storage.read((tx) => tx.sessions.loginToken(hash));
    if (row === undefined || row.expires_at <= this.#clock.now()) throw invalid();
    try {
      await this.#storage.commit(new WriteSet().add('login_tokens.use', { token_hash: hash }));
    } catch (error) {
      if (error instanceof ConflictError) throw invalid();
      throw error;
    }
    return row.user_id as UserId;
  }
}

function invalid() {
  return forbidden('This login token is not valid or has expired');
}
