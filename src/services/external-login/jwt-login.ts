import { forbidden, MatrixError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import type { Logger } from '../../util/logger.ts';
import type { Login } from '../sessions/login.ts';
import type { NewSession, SessionOptions } from '../sessions/sessions.ts';
import type { ExternalAccounts } from './external-accounts.ts';
import { type JwtApplication, type JwtApplications, refusedToken } from './jwt-applications.ts';
import type { UserDetails } from './user-details.ts';

/** `org.matrix.login.jwt`: logging in with a token that another application has signed. */
export class JwtLogin {
  private readonly applications: JwtApplications;
  private readonly accounts: ExternalAccounts;
  private readonly login: Pick<Login, 'ofExternal'>;
  private readonly logger: Logger;

  constructor(
    applications: JwtApplications,
    parts: { accounts: ExternalAccounts; login: Pick<Login, 'ofExternal'>; logger: Logger },
  ) {
    this.applications = applications;
    this.accounts = parts.accounts;
    this.login = parts.login;
    this.logger = parts.logger;
  }

  get isOffered(): boolean {
    return this.applications.areThere;
  }

  /**
   * @throws 403 `M_FORBIDDEN` whatever is wrong with the token, the reason is in the log; `M_USER_DEACTIVATED`; 401
   * `M_USER_LOCKED`; 503 `M_UNKNOWN` for somebody new while their application does not answer
   */
  async withToken(token: string, options: SessionOptions): Promise<NewSession> {
    const { application, subject, claims } = await this.applications.verified(token);
    const known = await this.accounts.find(application.id, subject);
    let details: UserDetails | undefined;
    try {
      details = await application.details.of(subject, claims);
    } catch (error) {
      const isAway = error instanceof MatrixError && error.status === 503;
      this.logger.warn({ err: error, application: application.id, subject }, 'nothing is known of a user who logs in');
      if (known === undefined || !isAway) throw isAway ? error : refusedToken();
    }
    const userId = known ?? (await this.create(application, subject, details!));
    if (details) await this.accounts.takeRoles(application.id, subject, details.roles, application);
    return this.login.ofExternal(userId, options);
  }

  private async create(application: JwtApplication, subject: string, details: UserDetails): Promise<UserId> {
    try {
      if (!application.registration) throw forbidden('New users are not taken');
      // A name is for good: one that is missing is not made up.
      if (details.username === undefined) throw forbidden('The application gives no user name');
      return await this.accounts.create(application.id, subject, details);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      this.logger.warn({ err: error, application: application.id, subject }, 'a new user cannot be taken');
      throw refusedToken();
    }
  }
}
