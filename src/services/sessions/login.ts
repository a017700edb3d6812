import { forbidden, userDeactivated, userLocked } from '../../protocol/errors.ts';
import { type UserId, userIdFromLoginName } from '../../protocol/identifiers/user-id.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { LoginTokens } from './login-tokens.ts';
import type { NewSession, SessionOptions, Sessions } from './sessions.ts';

export interface LoginDependencies {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly loginTokens: LoginTokens;
  readonly sessions: Sessions;
  readonly serverName: string;
  /** Whether people can log in with passwords. */
  readonly password: boolean;
}

/** Logging in. Source: https://spec.matrix.org/v1.19/client-server-api/#login */
export class Login {
  readonly #with: LoginDependencies;

  constructor(dependencies: LoginDependencies) {
    this.#with = dependencies;
  }

  get hasPasswords(): boolean {
    return this.#with.password;
  }

  /**
   * @param name user name or user id.
   * @throws 403 `M_FORBIDDEN`, `M_USER_DEACTIVATED`; 401 `M_USER_LOCKED`; 429 `M_LIMIT_EXCEEDED`
   */
  async withPassword(name: string, password: string, options: SessionOptions): Promise<NewSession> {
    const { passwords, serverName } = this.#with;
    if (!this.hasPasswords) throw forbidden('People do not log in with passwords here');
    const userId = await this.#userNamed(name);
    const isRight = userId !== undefined && (await passwords.isRight(userId, password));
    if (!isRight) {
      const hint =
        name.startsWith('@') && !name.endsWith(`:${serverName}`) ? ` Users of this server end in :${serverName}` : '';
      throw forbidden(`User name or password is wrong.${hint}`);
    }
    return this.#start(userId, options);
  }

  /** @throws 403 `M_FORBIDDEN`, `M_USER_DEACTIVATED`; 401 `M_USER_LOCKED` */
  async withToken(token: string, options: SessionOptions): Promise<NewSession> {
    return this.#start(await this.#with.loginTokens.use(token), options);
  }

  /** Begins a session for the application service whose user it is. @throws what the others throw */
  async ofAppservice(userId: UserId, options: SessionOptions): Promise<NewSession> {
    return this.#start(userId, options);
  }

  /** Begins a session for somebody whom another application has recognised. @throws what the others throw */
  async ofExternal(userId: UserId, options: SessionOptions): Promise<NewSession> {
    return this.#start(userId, options);
  }

  /** What was typed as it is, if there is such a user, or else in small letters. */
  async #userNamed(name: string): Promise<UserId | undefined> {
    const { accounts, serverName } = this.#with;
    const userId = userIdFromLoginName(name, serverName);
    if (userId === undefined || (await accounts.get(userId)) !== undefined) return userId;
    return userIdFromLoginName(name.toLowerCase(), serverName);
  }

  async #start(userId: UserId, options: SessionOptions): Promise<NewSession> {
    const { accounts, sessions } = this.#with;
    const account = await accounts.get(userId);
    if (account === undefined || account.isDeactivated) throw userDeactivated();
    if (account.isLocked) throw userLocked();
    return sessions.start(userId, options);
  }
}
