import { forbidden } from '../../protocol/errors.ts';
import { makeUserId, type UserId } from '../../protocol/identifiers/user-id.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { NoticeBoard } from '../events.ts';
import type { ReservedNames } from '../registration/registration.ts';
import { localpartFor } from './localpart.ts';
import { type RoleMeanings, type Standing, standingOf } from './role-meanings.ts';
import type { UserDetails } from './user-details.ts';

export interface ExternalAccountsParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly accounts: Accounts;
  readonly reservedNames: ReservedNames;
  readonly serverName: string;
}

export interface NewExternalAccount {
  readonly userId: UserId;
  readonly displayName: string;
  /** An e-mail address that nobody has, which only its user sees. */
  readonly address?: string | undefined;
  /** The version of the terms that the user has agreed to. */
  readonly agreedTerms?: string | undefined;
}

/** Accounts that belong to users of other applications, each tied for good to an issuer and its subject. */
export class ExternalAccounts {
  private readonly parts: ExternalAccountsParts;

  constructor(parts: ExternalAccountsParts) {
    this.parts = parts;
  }

  /** The account that a subject has. */
  async find(issuer: string, subject: string): Promise<UserId | undefined> {
    const row = await this.parts.storage.read((tx) => tx.externalAccounts.find(issuer, subject));
    return row?.user_id as UserId | undefined;
  }

  /** The issuers that an account is tied to. */
  async issuersOf(userId: string): Promise<string[]> {
    const rows = await this.parts.storage.read((tx) => tx.externalAccounts.ofUser(userId));
    return rows.map((row) => row.issuer);
  }

  /**
   * Makes an account for a subject that has none; what a request at the same time has made is as good.
   * @throws 403 `M_FORBIDDEN` if the name cannot be had: an account of that name is never taken over
   */
  async create(issuer: string, subject: string, { username, displayName }: UserDetails): Promise<UserId> {
    const { reservedNames, serverName } = this.parts;
    const userId = makeUserId(localpartFor(username ?? subject), serverName);
    if (userId === undefined) throw forbidden('There is no user name for this user');
    if (reservedNames.isReserved(userId)) throw forbidden('The user name belongs to an application service');
    return this.createNamed(issuer, subject, { userId, displayName: displayName ?? username ?? subject });
  }

  /**
   * As {@link create}, with a user id that the caller has checked.
   */
  async createNamed(
    issuer: string,
    subject: string,
    { userId, displayName, address, agreedTerms }: NewExternalAccount,
  ): Promise<UserId> {
    const { storage, clock, accounts } = this.parts;
    const now = clock.now();
    const set = new WriteSet();
    await accounts.addNew(set, { userId, displayName });
    set.add('external_accounts.insert', { issuer, subject, user_id: userId, created_at: now, roles: '[]' });
    if (agreedTerms !== undefined) set.add('users.agree', { user_id: userId, agreed_terms: agreedTerms });
    if (address !== undefined) {
      const times = { validated_at: now, added_at: now };
      set.add('third_party_ids.insert', { medium: 'email', address, user_id: userId, ...times });
    }
    try {
      await storage.commit(set);
      return userId;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const made = await this.find(issuer, subject);
      if (made === undefined) throw forbidden('The user name is taken');
      return made;
    }
  }

  /**
   * Takes note of the roles that somebody has elsewhere, and gives the account what they give it; what they do not, it loses.
   * @param meanings what roles do here
   */
  async takeRoles(issuer: string, subject: string, roles: readonly string[], meanings: RoleMeanings): Promise<void> {
    const { storage, notices, accounts } = this.parts;
    const row = await storage.read((tx) => tx.externalAccounts.find(issuer, subject));
    const userId = row?.user_id as UserId | undefined;
    const account = userId && (await accounts.get(userId));
    if (row === undefined || userId === undefined || account === undefined || account.isDeactivated) return;
    const set = new WriteSet();
    addStanding(set, userId, account, standingOf(meanings, roles));
    if (set.mutations.length > 0) set.onCommitted(() => notices.publish('account', { userId }));
    const told = JSON.stringify([...roles].sort());
    if (told !== row.roles) {
      set.add('external_accounts.setRoles', { issuer, subject, roles: told });
      set.onCommitted(() => notices.publish('roles', { userId }));
    }
    if (set.mutations.length > 0) await storage.commit(set);
  }

  /** The roles that an account had elsewhere when its owner last logged in from there. */
  async rolesOf(userId: string): Promise<string[]> {
    const rows = await this.parts.storage.read((tx) => tx.externalAccounts.ofUser(userId));
    return [...new Set(rows.flatMap(({ roles }) => JSON.parse(roles) as string[]))];
  }
}

/** Only what changes. */
function addStanding(
  set: WriteSet,
  userId: string,
  account: { readonly isAdmin: boolean; readonly isUnlimited: boolean; readonly limitFactor: number },
  { isAdmin, isUnlimited, limitFactor }: Standing,
): void {
  if (isAdmin !== undefined && isAdmin !== account.isAdmin) {
    set.add('users.setAdmin', { user_id: userId, is_admin: isAdmin ? 1 : 0 });
  }
  if (isUnlimited !== undefined && isUnlimited !== account.isUnlimited) {
    set.add('users.setUnlimited', { user_id: userId, unlimited: isUnlimited ? 1 : 0 });
  }
  if (limitFactor !== undefined && limitFactor !== account.limitFactor) {
    set.add('users.setLimitPercent', { user_id: userId, limit_percent: Math.round(limitFactor * 100) });
  }
}
