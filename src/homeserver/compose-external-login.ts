/** Composes logging in as a user of another application. */
import type { Config } from '../config/schema.ts';
import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import type { Accounts } from '../services/accounts/accounts.ts';
import type { NoticeBoard } from '../services/events.ts';
import { ExternalAccounts } from '../services/external-login/external-accounts.ts';
import { JsonWebKeys } from '../services/external-login/json-web-keys.ts';
import { JwtLogin } from '../services/external-login/jwt-login.ts';
import { TokenIssuer } from '../services/external-login/token-issuer.ts';
import { UserDetailsSource } from '../services/external-login/user-details.ts';
import type { ReservedNames } from '../services/registration/registration.ts';
import type { Login } from '../services/sessions/login.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';

/** What it is built on. */
export interface ExternalLoginFoundations {
  readonly config: Config;
  readonly clock: Clock;
  readonly loggers: Loggers;
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly outgoing: { readonly client: OutgoingClient };
  readonly accounts: Accounts;
  readonly appservices: ReservedNames;
  readonly login: Login;
}

export function composeExternalLogin(on: ExternalLoginFoundations) {
  const { config, clock, storage, notices, accounts, login, appservices: reservedNames } = on;
  const { client } = on.outgoing;
  const applications = config.login.jwt.map((application) => ({
    ...application,
    issuer: new TokenIssuer(
      application,
      clock,
      application.jwksUrl === undefined ? undefined : new JsonWebKeys(client, clock, application.jwksUrl),
    ),
    details: new UserDetailsSource(application, client),
  }));
  const { serverName } = config;
  const externalAccounts = new ExternalAccounts({ storage, clock, notices, accounts, reservedNames, serverName });
  const logger = on.loggers.named('login');
  return { jwtLogin: new JwtLogin(applications, { accounts: externalAccounts, login, logger }) };
}
