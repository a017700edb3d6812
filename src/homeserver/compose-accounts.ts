/** Composes accounts: who people are, how they prove it, their devices and profiles. */
import type { Config } from '../config/schema.ts';
import { MailClient } from '../outgoing/mail-client.ts';
import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import { trustedAuthorities } from '../outgoing/trust.ts';
import { serverOf } from '../protocol/identifiers/parts.ts';
import { Accounts } from '../services/accounts/accounts.ts';
import { Deactivation } from '../services/accounts/deactivation.ts';
import { PasswordHasher } from '../services/accounts/password-hasher.ts';
import { Passwords } from '../services/accounts/passwords.ts';
import { RegistrationTokens } from '../services/accounts/registration-tokens.ts';
import { type DeviceLists, Devices } from '../services/devices/devices.ts';
import { LastSeen } from '../services/devices/last-seen.ts';
import { RemoteNames } from '../services/directory/remote-names.ts';
import { UserDirectory } from '../services/directory/user-directory.ts';
import { UserWords } from '../services/directory/user-words.ts';
import type { NoticeBoard } from '../services/events.ts';
import { ExternalAccounts } from '../services/external-login/external-accounts.ts';
import type { JwtApplications } from '../services/external-login/jwt-applications.ts';
import { jwtStage } from '../services/external-login/jwt-stage.ts';
import { ownerStages } from '../services/external-login/owner-stages.ts';
import { Profiles } from '../services/profiles/profiles.ts';
import { Registration, type ReservedNames } from '../services/registration/registration.ts';
import { SharedSecretRegistration } from '../services/registration/shared-secret-registration.ts';
import { captchaStage } from '../services/sessions/captcha-stage.ts';
import { InteractiveAuth } from '../services/sessions/interactive-auth.ts';
import { Login } from '../services/sessions/login.ts';
import { LoginTokens } from '../services/sessions/login-tokens.ts';
import { OpenIdTokens } from '../services/sessions/open-id-tokens.ts';
import { SessionAuthenticator } from '../services/sessions/session-authenticator.ts';
import { SessionCache } from '../services/sessions/session-cache.ts';
import { Sessions } from '../services/sessions/sessions.ts';
import {
  dummyStage,
  passwordStage,
  registrationTokenStage,
  type Stage,
  ssoStage,
} from '../services/sessions/stages.ts';
import { termsStage } from '../services/sessions/terms-stage.ts';
import { AddressProofs } from '../services/third-party-ids/address-proofs.ts';
import { emailStage } from '../services/third-party-ids/email-stage.ts';
import { ThirdPartyIds } from '../services/third-party-ids/third-party-ids.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import type { Random } from '../util/random.ts';
import { TokenBuckets } from '../util/token-buckets.ts';

export interface AccountSurroundings {
  readonly config: Config;
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly random: Random;
  readonly deviceLists: DeviceLists;
  readonly reservedNames: ReservedNames;
  readonly loggers: Loggers;
  readonly outgoing: { readonly client: OutgoingClient };
  readonly jwtApplications: JwtApplications;
}

export type AccountServices = ReturnType<typeof composeAccounts>;

export function composeAccounts(around: AccountSurroundings) {
  const { config, storage, notices, clock, random, deviceLists, reservedNames, jwtApplications } = around;
  const { serverName, limits, rateLimits } = config;
  const base = { storage, clock, random, notices, serverName };
  const hasher = new PasswordHasher(config.password);
  const failures = rateLimits.enabled ? new TokenBuckets(rateLimits.failedLogin, clock) : undefined;
  const passwords = new Passwords(storage, hasher, config.password, failures);
  const userWords = new UserWords();
  const profiles = new Profiles(storage, notices, userWords, {
    cached: limits.sessionCacheEntries,
    size: limits.profileSize,
  });
  const isLocal = (userId: string) => serverOf(userId) === serverName;
  const userDirectory = new UserDirectory(storage, profiles, isLocal, {
    results: limits.userSearchMax,
    candidates: limits.userSearchCandidates,
    reach: config.userDirectory.shows,
  });
  const registrationTokens = new RegistrationTokens(storage, clock, random);
  const accounts = new Accounts({ ...base, hasher, passwords, profiles });
  const lastSeen = new LastSeen(storage, notices);
  const devices = new Devices({ ...base, lastSeen, deviceLists, maxPerUser: limits.devicesPerUser });
  const deactivation = new Deactivation({ ...base, devices, profiles });
  const cache = new SessionCache(limits.sessionCacheEntries);
  const sessions = new Sessions({ ...base, devices, cache, lifetimes: config.sessions });
  const { exemptUsers } = rateLimits;
  const sessionAuthenticator = new SessionAuthenticator({ ...base, cache, lastSeen, exemptUsers });
  const loginTokens = new LoginTokens(storage, clock, random, config.login.tokenLifetime);
  const openIdTokens = new OpenIdTokens(storage, clock, random);
  const thirdPartyIds = composeThirdPartyIds(around);
  const externalAccounts = new ExternalAccounts({ ...base, accounts, reservedNames });
  const issuers = { sso: config.login.sso.map(({ issuer }) => issuer), jwt: jwtApplications.ids };
  const interactiveAuth = new InteractiveAuth({
    ...base,
    stages: [
      ...registrationStages(around, registrationTokens, thirdPartyIds),
      passwordStage(passwords, serverName),
      ssoStage,
      jwtStage(jwtApplications, externalAccounts),
    ],
    ownerStages: (userId) => ownerStages(userId, { accounts, externalAccounts }, issuers),
    lifetime: config.sessions.userInteractiveLifetime,
  });
  const login = new Login({ ...base, accounts, passwords, loginTokens, sessions, password: config.login.password });
  const registration = new Registration({
    ...{ ...base, accounts, passwords, hasher, sessions, interactiveAuth, reservedNames, thirdPartyIds },
    settings: config.registration,
    captcha: config.captcha,
  });
  const sharedSecretRegistration = new SharedSecretRegistration({
    ...{ clock, random, accounts, sessions },
    secret: config.registration.sharedSecret,
  });
  return {
    accounts,
    passwords,
    registrationTokens,
    profiles,
    userDirectory,
    remoteNames: new RemoteNames(storage, notices, userWords, isLocal),
    lastSeen,
    devices,
    deactivation,
    sessions,
    sessionAuthenticator,
    loginTokens,
    openIdTokens,
    interactiveAuth,
    thirdPartyIds,
    externalAccounts,
    login,
    registration,
    sharedSecretRegistration,
  };
}

/** What people may have to do to register. */
function registrationStages(
  { config, outgoing, loggers }: AccountSurroundings,
  registrationTokens: RegistrationTokens,
  thirdPartyIds: ThirdPartyIds,
): Stage[] {
  const { captcha } = config;
  const { terms } = config.registration;
  const { siteKey } = captcha;
  return [
    dummyStage,
    registrationTokenStage(registrationTokens),
    ...(terms.length > 0 ? [termsStage(terms)] : []),
    ...(thirdPartyIds.hasEmail ? [emailStage(thirdPartyIds.proofs)] : []),
    ...(siteKey === undefined
      ? []
      : [captchaStage({ ...captcha, siteKey }, outgoing.client, loggers.named('registration'))]),
  ];
}

/** Addresses, which people can only prove where mail can be sent. */
function composeThirdPartyIds({ config, storage, clock, random }: AccountSurroundings): ThirdPartyIds {
  const { email, rateLimits } = config;
  const proofs =
    email.smtpHost === undefined
      ? undefined
      : new AddressProofs({
          ...{ storage, clock, random, serverName: config.serverName, publicBaseUrl: config.publicBaseUrl },
          mail: new MailClient(email.smtpHost, email, trustedAuthorities(config.outgoing)),
          limit: rateLimits.enabled ? new TokenBuckets(rateLimits.mail, clock) : undefined,
          lifetime: email.linkLifetime,
        });
  return new ThirdPartyIds({ storage, clock, proofs });
}
