import { invalidParam, limitExceeded, weakPassword } from '../../protocol/errors.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { TokenBuckets } from '../../util/token-buckets.ts';
import type { PasswordHasher } from './password-hasher.ts';

/** Longer ones are refused before they cost anything. */
const MAX_LENGTH = 1024;

/** Checks the passwords of accounts, and makes guessing them slow. */
export class Passwords {
  readonly #storage: Storage;
  readonly #hasher: PasswordHasher;
  readonly #settings: { readonly minLength: number };
  readonly #failures: TokenBuckets | undefined;

  /** @param failures wrong passwords by account; without it, there is no limit. */
  constructor(
    storage: Storage,
    hasher: PasswordHasher,
    settings: { readonly minLength: number },
    failures: TokenBuckets | undefined,
  ) {
    this.#storage = storage;
    this.#hasher = hasher;
    this.#settings = settings;
    this.#failures = failures;
  }

  /**
   * Whether it is the password of an account. Takes the same time if there is no such account, and the same limit
   * applies: nobody learns from it who exists.
   *
   * @throws 429 `M_LIMIT_EXCEEDED` after too many wrong passwords.
   */
  async isRight(userId: string, password: string): Promise<boolean> {
    // Taken before and given back after, so that many guesses at once do not all slip through.
    const wait = this.#failures?.take(userId) ?? 0;
    if (wait > 0) throw limitExceeded(wait, 'Too many wrong passwords');
    let isWrong = false;
    try {
      const user = await this.#storage.read((tx) => tx.accounts.user(userId));
      const phc = user?.password_hash;
      isWrong = password.length > MAX_LENGTH || !(await this.#hasher.verify(password, phc));
      if (!isWrong && phc && this.#hasher.isOutdated(phc)) await this.#renew(userId, password);
      return !isWrong;
    } finally {
      if (!isWrong) this.#failures?.giveBack(userId);
    }
  }

  /** @throws 400 `M_WEAK_PASSWORD` if it is too short; 400 `M_INVALID_PARAM` if it is absurdly long. */
  checkStrength(password: string): void {
    const { minLength } = this.#settings;
    if ([...password].length < minLength) throw weakPassword(`The password must have at least ${minLength} characters`);
    if (password.length > MAX_LENGTH) throw invalidParam(`The password has more than ${MAX_LENGTH} characters`);
  }

  async #renew(userId: string, password: string): Promise<void> {
    const set = new WriteSet();
    set.add('users.setPassword', { user_id: userId, password_hash: await this.#hasher.hash(password) });
    try {
      await this.#storage.commit(set);
    } catch (error) {
      // Deactivated in this moment: then there is no password to renew.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}
