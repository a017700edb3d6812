import { exclusive, missingToken, unknownToken, userInUse } from '../../protocol/errors.ts';
import { localpartOf } from '../../protocol/identifiers/parts.ts';
import { type UserId, userIdFromLoginName } from '../../protocol/identifiers/user-id.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { newUserId } from '../accounts/new-user-id.ts';
import type { Login } from '../sessions/login.ts';
import type { NewSession, SessionOptions, Sessions } from '../sessions/sessions.ts';
import type { Appservice, Appservices } from './appservices.ts';

export interface AppserviceUsersParts {
  readonly appservices: Appservices;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly login: Login;
  readonly serverName: string;
}

/**
 * The users of application services.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#server-admin-style-permissions
 */
export class AppserviceUsers {
  private readonly parts: AppserviceUsersParts;

  constructor(parts: AppserviceUsersParts) {
    this.parts = parts;
  }

  /** Makes the accounts of those as whom application services act unless they say otherwise. */
  async start(): Promise<void> {
    const { appservices, accounts } = this.parts;
    for (const appservice of appservices.all()) {
      if ((await accounts.get(appservice.sender)) === undefined) {
        await this.add(appservice, appservice.sender as UserId, new WriteSet());
      }
    }
  }

  /**
   * Registers a user of the application service whose token it is.
   * @throws M_MISSING_TOKEN, M_UNKNOWN_TOKEN; M_INVALID_USERNAME; M_EXCLUSIVE outside its namespaces; M_USER_IN_USE
   */
  async register(
    token: string | undefined,
    username: string,
    options: SessionOptions & { readonly inhibitLogin: boolean },
  ): Promise<{ userId: UserId; session?: NewSession }> {
    const { appservices, accounts, sessions, serverName } = this.parts;
    const appservice = this.ofToken(token);
    const userId = newUserId(username, serverName);
    if (!appservices.mayActAs(appservice, userId) || appservices.isReserved(userId, appservice.id)) throw exclusive();
    if ((await accounts.get(userId)) !== undefined) throw userInUse();
    const set = new WriteSet();
    const session = options.inhibitLogin ? undefined : await sessions.addNew(set, userId, options);
    await this.add(appservice, userId, set);
    return session === undefined ? { userId } : { userId, session };
  }

  /**
   * Begins a session of one of the application service's users.
   * @param name user name or user id
   * @throws M_MISSING_TOKEN, M_UNKNOWN_TOKEN; M_EXCLUSIVE outside its namespaces; what a login throws
   */
  async startSession(token: string | undefined, name: string, options: SessionOptions): Promise<NewSession> {
    const appservice = this.ofToken(token);
    const userId = userIdFromLoginName(name, this.parts.serverName);
    if (userId === undefined || !this.parts.appservices.mayActAs(appservice, userId)) throw exclusive();
    return this.parts.login.ofAppservice(userId, options);
  }

  private ofToken(token: string | undefined): Appservice {
    if (token === undefined) throw missingToken();
    const appservice = this.parts.appservices.byToken(token);
    if (!appservice) throw unknownToken();
    return appservice;
  }

  private async add(appservice: Appservice, userId: UserId, set: WriteSet): Promise<void> {
    const { accounts } = this.parts;
    await accounts.addNew(set, { userId, displayName: localpartOf(userId), appserviceId: appservice.id });
    await accounts.commitNew(set, userId);
  }
}
