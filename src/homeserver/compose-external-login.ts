/** Composes logging in as a user of another application, or with an OpenID Connect provider. */
import type { Config } from '../config/schema.ts';
import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import type { SigningKey } from '../protocol/signing/signing-key.ts';
import { JsonWebKeys } from '../services/external-login/json-web-keys.ts';
import { JwtApplications } from '../services/external-login/jwt-applications.ts';
import { JwtLogin } from '../services/external-login/jwt-login.ts';
import { TokenIssuer } from '../services/external-login/token-issuer.ts';
import { UserDetailsSource } from '../services/external-login/user-details.ts';
import { IdentityProvider } from '../services/sso/identity-provider.ts';
import { LoginStates } from '../services/sso/login-state.ts';
import { SingleSignOn } from '../services/sso/single-sign-on.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import type { Random } from '../util/random.ts';
import type { AccountServices } from './compose-accounts.ts';

/** What it is built on. */
export interface ExternalLoginFoundations {
  readonly config: Config;
  readonly clock: Clock;
  readonly loggers: Loggers;
  readonly outgoing: { readonly client: OutgoingClient };
}

/** The applications that sign tokens. */
export function openJwtApplications({ config, clock, loggers, outgoing }: ExternalLoginFoundations): JwtApplications {
  const { client } = outgoing;
  const applications = config.login.jwt.map((application) => ({
    ...application,
    issuer: new TokenIssuer(
      application,
      clock,
      application.jwksUrl === undefined ? undefined : new JsonWebKeys(client, clock, application.jwksUrl),
    ),
    details: new UserDetailsSource(application, client),
  }));
  return new JwtApplications(applications, loggers.named('login'));
}

/** @param on with the signing key, from which comes what nobody else knows and what is the same after a restart */
export function composeExternalLogin(
  on: ExternalLoginFoundations &
    AccountServices & {
      readonly jwtApplications: JwtApplications;
      readonly random: Random;
      readonly signingKey: SigningKey;
    },
) {
  const { config, clock, outgoing, login, externalAccounts, jwtApplications } = on;
  const logger = on.loggers.named('login');
  const { sso, ssoClients: trustedClients, ssoLifetime } = config.login;
  const providers = sso.map(
    (settings) =>
      new IdentityProvider(settings, {
        client: outgoing.client,
        clock,
        redirectUri: `${config.publicBaseUrl}/_igchat/sso/callback/${settings.id}`,
      }),
  );
  const states = new LoginStates(on.signingKey.sign('logins under way'), clock, ssoLifetime);
  return {
    jwtLogin: new JwtLogin(jwtApplications, { accounts: externalAccounts, login, logger }),
    singleSignOn: new SingleSignOn({
      ...{ ...on, providers, states, trustedClients, logger },
      baseUrl: config.publicBaseUrl,
    }),
  };
}
