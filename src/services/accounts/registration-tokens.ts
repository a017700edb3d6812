import { invalidParam, notFound } from '../../protocol/errors.ts';
import { isOpaqueId } from '../../protocol/identifiers/opaque-id.ts';
import type { RegistrationTokenRow } from '../../storage/contract/accounts.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';

export interface RegistrationToken {
  readonly token: string;
  /** Any number if left out. */
  readonly usesAllowed?: number;
  /** Registrations that have begun and are not complete. */
  readonly pending: number;
  readonly completed: number;
  /** Milliseconds since the epoch; never if left out. */
  readonly expiresAt?: number;
}

export interface RegistrationTokenOptions {
  readonly usesAllowed?: number | undefined;
  readonly expiresAt?: number | undefined;
}

const MAX_LENGTH = 64;

/**
 * What people need to make an account where registration is not open to all.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#token-authenticated-registration
 */
export class RegistrationTokens {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(storage: Storage, clock: Clock, random: Random) {
    this.#storage = storage;
    this.#clock = clock;
    this.#random = random;
  }

  async isValid(token: string): Promise<boolean> {
    const row = await this.#storage.read((tx) => tx.accounts.registrationToken(token));
    if (row === undefined) return false;
    const isUsedUp = row.uses_allowed !== null && row.pending + row.completed >= row.uses_allowed;
    return !isUsedUp && (row.expires_at === null || row.expires_at > this.#clock.now());
  }

  /**
   * Makes a token, or the one that is given.
   *
   * @throws 400 `M_INVALID_PARAM` if it exists or has characters that a token cannot have.
   */
  async create(
    options: RegistrationTokenOptions & { readonly token?: string | undefined },
  ): Promise<RegistrationToken> {
    const token = options.token ?? this.#random.token(16);
    if (!isOpaqueId(token) || token.length > MAX_LENGTH) {
      throw invalidParam(`A token has 1 to ${MAX_LENGTH} characters of A-Z a-z 0-9 . _ ~ -`);
    }
    const row = this.#newRow(token, options, 0);
    try {
      await this.#storage.commit(new WriteSet().add('registration_tokens.insert', row));
    } catch (error) {
      if (error instanceof ConflictError) throw invalidParam('There is such a token already');
      throw error;
    }
    return ofRow(row);
  }

  /** The newest first. */
  async list(): Promise<RegistrationToken[]> {
    return (await this.#storage.read((tx) => tx.accounts.registrationTokens())).map(ofRow);
  }

  /** @throws 404 `M_NOT_FOUND` */
  async get(token: string): Promise<RegistrationToken> {
    const row = await this.#storage.read((tx) => tx.accounts.registrationToken(token));
    if (row === undefined) throw notFound('There is no such token');
    return ofRow(row);
  }

  /** @throws 404 `M_NOT_FOUND` */
  async update(token: string, options: RegistrationTokenOptions): Promise<void> {
    await this.#commitExisting(
      new WriteSet().add('registration_tokens.update', {
        token,
        uses_allowed: options.usesAllowed ?? null,
        expires_at: options.expiresAt ?? null,
      }),
    );
  }

  /** @throws 404 `M_NOT_FOUND` */
  async delete(token: string): Promise<void> {
    await this.#commitExisting(new WriteSet().add('registration_tokens.delete', { token }));
  }

  /** Counts a registration that begins; the commit is a conflict if the token is not valid. */
  reserve(set: WriteSet, token: string): void {
    set.add('registration_tokens.reserve', { token, now: this.#clock.now() });
  }

  /**
   * The token with which the first account can be made, who becomes an administrator. The same at every start, until
   * somebody has an account; then undefined.
   */
  async firstStartToken(): Promise<string | undefined> {
    const { hasPeople, tokens } = await this.#storage.read(async (tx) => ({
      hasPeople: await tx.accounts.hasPeople(),
      tokens: await tx.accounts.registrationTokens(),
    }));
    if (hasPeople) return undefined;
    const known = tokens.find((row) => row.grants_admin === 1);
    if (known !== undefined) return known.token;
    const row = this.#newRow(this.#random.token(24), { usesAllowed: 1 }, 1);
    await this.#storage.commit(new WriteSet().add('registration_tokens.insert', row));
    return row.token;
  }

  #newRow(token: string, options: RegistrationTokenOptions, grantsAdmin: number): RegistrationTokenRow {
    return {
      token,
      uses_allowed: options.usesAllowed ?? null,
      pending: 0,
      completed: 0,
      expires_at: options.expiresAt ?? null,
      created_at: this.#clock.now(),
      grants_admin: grantsAdmin,
    };
  }

  async #commitExisting(set: WriteSet): Promise<void> {
    try {
      await this.#storage.commit(set);
    } catch (error) {
      if (error instanceof ConflictError) throw notFound('There is no such token');
      throw error;
    }
  }
}

function ofRow(row: RegistrationTokenRow): RegistrationToken {
  return {
    token: row.token,
    ...(row.uses_allowed === null ? {} : { usesAllowed: row.uses_allowed }),
    pending: row.pending,
    completed: row.completed,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  };
}
