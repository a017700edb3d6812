import { notFound, userInUse } from '../../protocol/errors.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import type { UserRow } from '../../storage/contract/accounts.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { NoticeBoard } from '../events.ts';
import type { Profiles } from '../profiles/profiles.ts';
import { newUserId } from './new-user-id.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { Passwords } from './passwords.ts';

export interface Account {
  readonly userId: UserId;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly isAdmin: boolean;
  readonly isGuest: boolean;
  readonly isSuspended: boolean;
  readonly isLocked: boolean;
  /** Whether rate limits do not apply. */
  readonly isUnlimited: boolean;
  /** How many times as high as those of others the rate limits are. */
  readonly limitFactor: number;
  readonly isDeactivated: boolean;
  /** Whether the user, when deactivating, asked that nobody new sees what they wrote. */
  readonly isErased: boolean;
  readonly hasPassword: boolean;
  readonly appserviceId?: string;
}

export interface NewAccount {
  readonly userId: UserId;
  readonly passwordHash?: string | undefined;
  readonly displayName?: string | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly isGuest?: boolean | undefined;
  readonly appserviceId?: string | undefined;
}

export interface AccountsDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly serverName: string;
  readonly hasher: PasswordHasher;
  readonly passwords: Passwords;
  readonly profiles: Profiles;
}

/** The accounts of this server. */
export class Accounts {
  readonly #with: AccountsDependencies;
  /** Whether the token of the first start is gone for good. */
  #hasPeople = false;

  constructor(dependencies: AccountsDependencies) {
    this.#with = dependencies;
  }

  /** Whether the user id is one of this server, be there such a user or not. */
  isLocal(userId: string): boolean {
    return serverOf(userId) === this.#with.serverName;
  }

  /** Whether there is such a user here who can be talked to: deactivated users are none. */
  async exists(userId: string): Promise<boolean> {
    const account = await this.get(userId);
    return account !== undefined && !account.isDeactivated;
  }

  /** The account of a local user, deactivated ones too. */
  async get(userId: string): Promise<Account | undefined> {
    const row = await this.#with.storage.read((tx) => tx.accounts.user(userId));
    return row && ofRow(row);
  }

  /**
   * Makes an account in the name of the administrator.
   *
   * @throws 400 `M_INVALID_USERNAME`, `M_USER_IN_USE`, `M_WEAK_PASSWORD`
   */
  async create(options: { username: string; password?: string; isAdmin?: boolean }): Promise<UserId> {
    const { hasher, passwords, serverName } = this.#with;
    const userId = newUserId(options.username, serverName);
    if (options.password !== undefined) passwords.checkStrength(options.password);
    const passwordHash = options.password === undefined ? undefined : await hasher.hash(options.password);
    const set = new WriteSet();
    await this.addNew(set, { userId, passwordHash, displayName: options.username, isAdmin: options.isAdmin });
    await this.commitNew(set, userId);
    return userId;
  }

  /** Adds a new account to `set`, which {@link commitNew} commits. */
  async addNew(set: WriteSet, account: NewAccount): Promise<void> {
    const { storage, clock, profiles } = this.#with;
    const isPerson = account.isGuest !== true && account.appserviceId === undefined;
    set.add('users.insert', {
      user_id: account.userId,
      password_hash: account.passwordHash ?? null,
      created_at: clock.now(),
      is_admin: account.isAdmin ? 1 : 0,
      is_guest: account.isGuest ? 1 : 0,
      suspended: 0,
      locked: 0,
      appservice_id: account.appserviceId ?? null,
      deactivated_at: null,
      erased: 0,
      departing: 0,
    });
    if (account.displayName !== undefined) profiles.addFirst(set, account.userId, account.displayName);
    if (!isPerson || this.#hasPeople) return;
    if (!(await storage.read((tx) => tx.accounts.hasPeople()))) set.add('registration_tokens.deleteFirst', {});
    set.onCommitted(() => {
      this.#hasPeople = true;
    });
  }

  /** Adds to `set` that a guest becomes a person; a conflict if they are no guest. */
  addUpgrade(set: WriteSet, userId: string, passwordHash: string): void {
    set.add('users.upgradeGuest', { user_id: userId, password_hash: passwordHash });
    set.add('registration_tokens.deleteFirst', {});
    set.onCommitted(() => {
      this.#hasPeople = true;
      this.#with.notices.publish('account', { userId });
    });
  }

  /** @throws 400 `M_USER_IN_USE` if somebody was faster; ConflictError if it was something else in `set`. */
  async commitNew(set: WriteSet, userId: string): Promise<void> {
    try {
      await this.#with.storage.commit(set);
    } catch (error) {
      if (error instanceof ConflictError && (await this.get(userId)) !== undefined) throw userInUse();
      throw error;
    }
  }

  /** @throws 400 `M_WEAK_PASSWORD`; 404 `M_NOT_FOUND` if there is no such account or it is deactivated. */
  async setPassword(userId: string, password: string): Promise<void> {
    this.#with.passwords.checkStrength(password);
    const hash = await this.#with.hasher.hash(password);
    await this.#change(new WriteSet().add('users.setPassword', { user_id: userId, password_hash: hash }));
  }

  /** @throws 404 `M_NOT_FOUND` */
  async setAdmin(userId: string, isAdmin: boolean): Promise<void> {
    await this.#changeStanding(userId, (set) =>
      set.add('users.setAdmin', { user_id: userId, is_admin: isAdmin ? 1 : 0 }),
    );
  }

  /**
   * A suspended user can read and leave, but not write.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#account-suspension
   *
   * @throws 404 `M_NOT_FOUND`
   */
  async setSuspended(userId: string, isSuspended: boolean): Promise<void> {
    await this.#changeStanding(userId, (set) =>
      set.add('users.setSuspended', { user_id: userId, suspended: isSuspended ? 1 : 0 }),
    );
  }

  /**
   * A locked user can do nothing but log out.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#account-locking
   *
   * @throws 404 `M_NOT_FOUND`
   */
  async setLocked(userId: string, isLocked: boolean): Promise<void> {
    await this.#changeStanding(userId, (set) =>
      set.add('users.setLocked', { user_id: userId, locked: isLocked ? 1 : 0 }),
    );
  }

  /** Deactivated users who may still be in rooms: the server was stopped before they had left them all. */
  async departing(): Promise<string[]> {
    return (await this.#with.storage.read((tx) => tx.accounts.departing())).map((row) => row.user_id);
  }

  /** A deactivated user has left all rooms. */
  async departed(userId: string): Promise<void> {
    await this.#with.storage.commit(new WriteSet().add('users.departed', { user_id: userId }));
  }

  async #changeStanding(userId: string, add: (set: WriteSet) => void): Promise<void> {
    const set = new WriteSet();
    add(set);
    set.onCommitted(() => this.#with.notices.publish('account', { userId }));
    await this.#change(set);
  }

  async #change(set: WriteSet): Promise<void> {
    try {
      await this.#with.storage.commit(set);
    } catch (error) {
      if (error instanceof ConflictError) throw notFound('There is no such user');
      throw error;
    }
  }
}

function ofRow(row: UserRow): Account {
  return {
    userId: row.user_id as UserId,
    createdAt: row.created_at,
    isAdmin: row.is_admin === 1,
    isGuest: row.is_guest === 1,
    isSuspended: row.suspended === 1,
    isLocked: row.locked === 1,
    isUnlimited: row.unlimited === 1,
    limitFactor: row.limit_percent / 100,
    isDeactivated: row.deactivated_at !== null,
    isErased: row.erased === 1,
    hasPassword: row.password_hash !== null,
    ...(row.appservice_id === null ? {} : { appserviceId: row.appservice_id }),
  };
}
