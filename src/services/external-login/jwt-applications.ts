import { forbidden, type MatrixError } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Logger } from '../../util/logger.ts';
import type { RoleMeanings } from './role-meanings.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { UserDetailsSource } from './user-details.ts';

/** An application whose users log in with tokens that it has signed. */
export interface JwtApplication extends RoleMeanings {
  /** The name under which accounts are tied to it. */
  readonly id: string;
  readonly issuer: TokenIssuer;
  readonly details: UserDetailsSource;
  readonly registration: boolean;
}

/** Longer tokens are refused before they cost anything. */
const MAX_LENGTH = 16 * 1024;

/** What is said whatever is wrong with a token: the reason is in the log. */
export function refusedToken(): MatrixError {
  return forbidden('The token is not valid here');
}

/** Whose user has a token. */
export interface VerifiedToken {
  readonly application: JwtApplication;
  readonly subject: string;
  readonly claims: JsonObject;
}

/** The applications whose tokens are good here. */
export class JwtApplications {
  private readonly applications: readonly JwtApplication[];
  private readonly logger: Logger;

  constructor(applications: readonly JwtApplication[], logger: Logger) {
    this.applications = applications;
    this.logger = logger;
  }

  get areThere(): boolean {
    return this.applications.length > 0;
  }

  get ids(): string[] {
    return this.applications.map(({ id }) => id);
  }

  /** By the first application that the token is of. @throws 403 `M_FORBIDDEN` */
  async verified(token: string): Promise<VerifiedToken> {
    const reasons: Record<string, string> = {};
    for (const application of token.length > MAX_LENGTH ? [] : this.applications) {
      try {
        return { application, ...(await application.issuer.verify(token)) };
      } catch (error) {
        reasons[application.id] = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      }
    }
    this.logger.info({ reasons }, 'a login token was refused');
    throw refusedToken();
  }
}
