import { forbidden, invalidParam, MatrixError, notFound } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Logger } from '../../util/logger.ts';
import type { Random } from '../../util/random.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { issuerKey } from '../external-login/owner-stages.ts';
import { rolesToKeep } from '../external-login/role-meanings.ts';
import { rolesIn } from '../external-login/roles-claim.ts';
import type { InteractiveAuth } from '../sessions/interactive-auth.ts';
import type { LoginTokens } from '../sessions/login-tokens.ts';
import { SSO } from '../sessions/stages.ts';
import { textFrom } from './claim-template.ts';
import { clientAddress, isTrusted, withLoginToken } from './client-address.ts';
import type { Identity, IdentityProvider } from './identity-provider.ts';
import type { Begun, Known, LoginState, LoginStates, Newcomer } from './login-state.ts';
import { Newcomers, type NewcomersParts } from './newcomers.ts';

/** What a browser logs in for: to return to a client, or to confirm an operation of interactive authentication. */
export type LoginPurpose =
  | { readonly redirectUrl: string; readonly isNew: boolean }
  | { readonly redirectUrl?: undefined; readonly session: string };

/** A login under way: what the browser keeps of it, in a cookie, and the id under which it does. */
export interface Kept {
  readonly id: string;
  readonly sealed: string;
}

/** What follows when a browser comes back from a provider. */
export type LoginStep =
  /** To the client, which is trusted. */
  | { readonly kind: 'return'; readonly address: string }
  /** To the client, if the person wants to. */
  | { readonly kind: 'ask'; readonly kept: Kept; readonly userId: string; readonly redirectUrl: string }
  /** A user name is to be chosen, or terms agreed to. */
  | { readonly kind: 'name'; readonly kept: Kept; readonly suggestion: string }
  /** An operation is confirmed. */
  | { readonly kind: 'confirmed' };

/** What somebody is asked to confirm by logging in once more. */
export interface Question {
  /** Of interactive authentication. */
  readonly operation: string;
  readonly userId: string;
  /** Where they can log in. */
  readonly issuers: readonly string[];
}

export interface SingleSignOnParts extends NewcomersParts {
  readonly providers: readonly IdentityProvider[];
  readonly states: LoginStates;
  readonly random: Random;
  readonly accounts: Accounts;
  readonly loginTokens: LoginTokens;
  readonly interactiveAuth: InteractiveAuth;
  readonly logger: Logger;
  /** The public address of this server. */
  readonly baseUrl: string;
  /** Clients that are not asked about. */
  readonly trustedClients: readonly string[];
}

const TOO_LATE = 'This has taken too long, or your browser keeps no cookies. Go back to your app and begin again';

/** Characters of the roles of somebody new, for a cookie has to hold them. */
const ROOM_FOR_ROLES = 600;

/** Logging in with OpenID Connect providers. Source: https://spec.matrix.org/v1.19/client-server-api/#sso-client-login-authentication */
export class SingleSignOn {
  private readonly parts: SingleSignOnParts;
  private readonly newcomers: Newcomers;

  constructor(parts: SingleSignOnParts) {
    this.parts = parts;
    this.newcomers = new Newcomers(parts);
  }

  get providers(): readonly IdentityProvider[] {
    return this.parts.providers;
  }

  get baseUrl(): string {
    return this.parts.baseUrl;
  }

  /** Where this server itself lets people log in for apps that do not know how. */
  get loginPage(): string {
    return `${this.baseUrl}/_matrix/static/client/login/`;
  }

  /** Milliseconds for which a browser keeps a login. */
  get lifetime(): number {
    return this.parts.states.lifetime;
  }

  /** @throws 404 `M_NOT_FOUND` */
  provider(id: string): IdentityProvider {
    const provider = this.parts.providers.find(({ settings }) => settings.id === id);
    if (provider === undefined) throw notFound('There is no such way to log in here');
    return provider;
  }

  /**
   * Sends a browser to a provider.
   * @throws 400 `M_INVALID_PARAM`; 404 `M_NOT_FOUND`; 503 `M_UNKNOWN` if the provider does not answer
   */
  async begin(providerId: string, purpose: LoginPurpose): Promise<{ kept: Kept; address: string }> {
    const { random } = this.parts;
    const provider = this.provider(providerId);
    const goal =
      purpose.redirectUrl === undefined
        ? { session: purpose.session }
        : { redirectUrl: clientAddress(purpose.redirectUrl) };
    const [id, nonce, verifier] = [random.token(32), random.token(32), random.token(64)];
    const prompt = purpose.redirectUrl === undefined ? 'login' : purpose.isNew ? 'create' : undefined;
    try {
      const address = await provider.address({ state: id, nonce, verifier }, prompt);
      return { kept: await this.keep(id, { step: 'begun', provider: providerId, nonce, verifier, ...goal }), address };
    } catch (error) {
      this.parts.logger.warn({ err: error, provider: providerId }, 'a provider for logging in cannot be asked');
      throw new MatrixError('M_UNKNOWN', `${provider.settings.name} cannot be reached. Try again later`, {
        status: 503,
      });
    }
  }

  /**
   * A browser comes back from a provider.
   * @param search the query that it brings
   * @param sealed what it has kept
   * @throws 400 `M_INVALID_PARAM` if it has kept nothing; 403 `M_FORBIDDEN` whatever is wrong, the reason is in the log
   */
  async finish(providerId: string, id: string, search: string, sealed: string | undefined): Promise<LoginStep> {
    const provider = this.provider(providerId);
    const begun = await this.parts.states.open(id, sealed, 'begun');
    if (begun?.provider !== providerId) throw invalidParam(TOO_LATE);
    const identity = await this.identityOf(provider, search, { ...begun, state: id });
    const issuer = issuerKey(identity.issuer);
    const userId = await this.parts.externalAccounts.find(issuer, identity.subject);
    if (begun.redirectUrl === undefined) return this.confirm(begun, userId);
    if (userId === undefined) return this.receive(provider, identity, id, begun.redirectUrl);
    const roles = rolesAt(provider, identity);
    if (roles) await this.parts.externalAccounts.takeRoles(issuer, identity.subject, roles, provider.settings);
    return this.welcome(id, { step: 'known', userId, redirectUrl: begun.redirectUrl });
  }

  /**
   * Makes the account of somebody new with the user name that they have chosen.
   * @throws 400 `M_INVALID_USERNAME`, `M_USER_IN_USE`, `M_EXCLUSIVE`; `M_INVALID_PARAM` if they have not come from a provider
   */
  async takeName(id: string, sealed: string | undefined, localpart: string): Promise<LoginStep> {
    const newcomer = await this.parts.states.open(id, sealed, 'newcomer');
    if (newcomer === undefined) throw invalidParam(TOO_LATE);
    const known = await this.parts.externalAccounts.find(newcomer.issuer, newcomer.subject);
    const userId =
      known ?? (await this.newcomers.create(newcomer, localpart, this.provider(newcomer.provider).settings));
    return this.ask(id, { step: 'known', userId, redirectUrl: newcomer.redirectUrl });
  }

  /** Where the client of somebody known is, with a token for it. @throws 400 `M_INVALID_PARAM` */
  async returnAddress(id: string, sealed: string | undefined): Promise<string> {
    const known = await this.parts.states.open(id, sealed, 'known');
    if (known === undefined) throw invalidParam(TOO_LATE);
    return this.addressFor(known);
  }

  /** What a session of interactive authentication asks. @throws 400 `M_INVALID_PARAM` */
  async question(session: string): Promise<Question> {
    const { interactiveAuth, externalAccounts } = this.parts;
    const { operation, userId } = await interactiveAuth.question(session);
    if (userId === undefined) throw invalidParam('Nobody is asked to log in here');
    const known = await externalAccounts.issuersOf(userId);
    const issuers = this.providers.map(({ settings }) => settings.issuer);
    return { operation, userId, issuers: issuers.filter((issuer) => known.includes(issuerKey(issuer))) };
  }

  private async identityOf(provider: IdentityProvider, search: string, secrets: Begun & { state: string }) {
    try {
      return await provider.identity(search, secrets);
    } catch (error) {
      const { id, name } = provider.settings;
      this.parts.logger.info({ err: error, provider: id }, 'a login with a provider was refused');
      throw forbidden(`${name} has not confirmed who you are`);
    }
  }

  private async confirm(begun: Begun, userId: string | undefined): Promise<LoginStep> {
    if (userId === undefined) throw forbidden('You have no account here with this login');
    await this.parts.interactiveAuth.passFor(begun.session ?? '', SSO, userId);
    return { kind: 'confirmed' };
  }

  /** Somebody who has no account yet. */
  private async receive(
    provider: IdentityProvider,
    identity: Identity,
    id: string,
    redirectUrl: string,
  ): Promise<LoginStep> {
    const { settings } = provider;
    const { issuer, subject, claims } = identity;
    if (!settings.registration) {
      this.parts.logger.info({ provider: settings.id, subject }, 'somebody new logs in where no new users are taken');
      throw forbidden('You have no account here, and new ones are not made this way');
    }
    const wanted = textFrom(settings.localpart, claims);
    const displayName = textFrom(settings.displayName, claims);
    const isVerified = claims.get('email_verified') === true;
    const email = settings.email === undefined || !isVerified ? undefined : textFrom(settings.email, claims);
    const suggestion = await this.newcomers.suggestion(wanted ?? '');
    const roles = rolesAt(provider, identity);
    const newcomer: Newcomer = {
      step: 'newcomer',
      provider: settings.id,
      issuer: issuerKey(issuer),
      subject,
      suggestion,
      redirectUrl,
      ...(displayName === undefined ? {} : { displayName }),
      ...(email === undefined ? {} : { email }),
      ...(roles === undefined ? {} : { roles: rolesToKeep(settings, roles, ROOM_FOR_ROLES) }),
    };
    const isAsked =
      settings.chooseLocalpart || suggestion !== wanted?.toLowerCase() || this.parts.registration.terms.length > 0;
    if (isAsked) return { kind: 'name', kept: await this.keep(id, newcomer), suggestion };
    const userId = await this.newcomers.create(newcomer, suggestion, settings);
    return this.welcome(id, { step: 'known', userId, redirectUrl });
  }

  private async welcome(id: string, known: Known): Promise<LoginStep> {
    if (!(await this.parts.accounts.exists(known.userId))) throw forbidden('This account was deactivated');
    if (!isTrusted(known.redirectUrl, [this.loginPage, ...this.parts.trustedClients])) return this.ask(id, known);
    return { kind: 'return', address: await this.addressFor(known) };
  }

  private async ask(id: string, known: Known): Promise<LoginStep> {
    const { userId, redirectUrl } = known;
    return { kind: 'ask', kept: await this.keep(id, known), userId, redirectUrl };
  }

  private async addressFor({ userId, redirectUrl }: Known): Promise<string> {
    return withLoginToken(redirectUrl, await this.parts.loginTokens.create(userId));
  }

  private async keep(id: string, state: LoginState): Promise<Kept> {
    return { id, sealed: await this.parts.states.seal(id, state) };
  }
}

/** The roles that somebody has at a provider; undefined if it is not asked for them. */
function rolesAt({ settings: { rolesClaim } }: IdentityProvider, { claims }: Identity): string[] | undefined {
  return rolesClaim === undefined ? undefined : rolesIn(Object.fromEntries(claims) as JsonObject, rolesClaim);
}
