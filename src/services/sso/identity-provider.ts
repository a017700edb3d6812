import type * as OpenIdClient from 'openid-client';
import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import type { Clock } from '../../util/clock.ts';
import type { RoleMeanings } from '../external-login/role-meanings.ts';
import type { Claims } from './claim-template.ts';
import { outgoingFetch } from './outgoing-fetch.ts';

export interface IdentityProviderSettings extends RoleMeanings {
  readonly id: string;
  readonly name: string;
  readonly icon?: string | undefined;
  readonly brand?: string | undefined;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientAuth: 'client_secret_basic' | 'client_secret_post';
  readonly scopes: readonly string[];
  /** How it sends browsers back. */
  readonly responseMode: 'query' | 'form_post';
  readonly userInfo: boolean;
  /** Templates of claims. */
  readonly localpart: string;
  readonly displayName: string;
  readonly email?: string | undefined;
  readonly chooseLocalpart: boolean;
  readonly registration: boolean;
  readonly rolesClaim?: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What ties an answer of the provider to the browser that was sent there. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
}

/** Who somebody is at a provider. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Claims;
}

/** What the provider says of itself is asked for again after this long. */
const FRESH_MS = 60 * 60_000;
const MAX_SUBJECT = 255;

/** The library, loaded with the first login: it takes 8 MiB. */
const library = (): Promise<typeof OpenIdClient> => import('openid-client');

/**
 * An OpenID Connect provider, by the authorization code flow with PKCE.
 * Source: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export class IdentityProvider {
  readonly settings: IdentityProviderSettings;
  private readonly client: Pick<OutgoingClient, 'send'>;
  private readonly clock: Clock;
  private readonly redirectUri: string;
  private known: { readonly configuration: Promise<OpenIdClient.Configuration>; readonly since: number } | undefined;

  /** @param redirectUri where the provider sends people back to */
  constructor(
    settings: IdentityProviderSettings,
    parts: { client: Pick<OutgoingClient, 'send'>; clock: Clock; redirectUri: string },
  ) {
    this.settings = settings;
    this.client = parts.client;
    this.clock = parts.clock;
    this.redirectUri = parts.redirectUri;
  }

  /**
   * Where the browser goes to log in.
   * @param prompt what the provider is asked to do, if it says that it can: `create` an account, or have people `login` anew
   * @throws if the provider cannot be asked
   */
  async address(secrets: LoginSecrets, prompt: 'create' | 'login' | undefined): Promise<string> {
    const [oidc, configuration] = await Promise.all([library(), this.configuration()]);
    const prompts = configuration.serverMetadata()['prompt_values_supported'];
    return oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.redirectUri,
      scope: this.settings.scopes.join(' '),
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(secrets.verifier),
      code_challenge_method: 'S256',
      ...(this.settings.responseMode === 'form_post' ? { response_mode: 'form_post' } : {}),
      ...(prompt !== undefined && Array.isArray(prompts) && prompts.includes(prompt) ? { prompt } : {}),
    }).href;
  }

  /**
   * Who has logged in, by what the provider sent along with the browser, as a query or as a form.
   * @throws whatever is wrong with it, for the log
   */
  async identity(search: string, { state, nonce, verifier }: LoginSecrets): Promise<Identity> {
    const [oidc, configuration] = await Promise.all([library(), this.configuration()]);
    const back = new URL(`${this.redirectUri}?${search}`);
    const tokens = await oidc.authorizationCodeGrant(configuration, back, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const idToken = tokens.claims();
    if (idToken === undefined) throw new Error('the provider has sent no ID token');
    const { iss: issuer, sub: subject } = idToken;
    if (subject === '' || subject.length > MAX_SUBJECT) throw new Error('the provider has sent no usable subject');
    const isAsked = this.settings.userInfo && configuration.serverMetadata().userinfo_endpoint !== undefined;
    const more = isAsked ? await oidc.fetchUserInfo(configuration, tokens.access_token, subject) : {};
    return { issuer, subject, claims: new Map([...Object.entries(idToken), ...Object.entries(more)]) };
  }

  private configuration(): Promise<OpenIdClient.Configuration> {
    const now = this.clock.now();
    if (!this.known || now - this.known.since > FRESH_MS) {
      const known = { configuration: this.discover(), since: now };
      this.known = known;
      known.configuration.catch(() => {
        if (this.known === known) this.known = undefined;
      });
    }
    return this.known.configuration;
  }

  private async discover(): Promise<OpenIdClient.Configuration> {
    const oidc = await library();
    const { issuer, clientId, clientSecret, clientAuth, timeout } = this.settings;
    const url = new URL(issuer);
    // Only where the configuration itself names such an issuer.
    const allowPlainHttp = url.protocol === 'http:';
    const authentication =
      clientSecret === undefined
        ? oidc.None()
        : clientAuth === 'client_secret_post'
          ? oidc.ClientSecretPost(clientSecret)
          : oidc.ClientSecretBasic(clientSecret);
    return oidc.discovery(url, clientId, {}, authentication, {
      [oidc.customFetch]: outgoingFetch(this.client, { allowPlainHttp, timeoutMs: timeout }),
      timeout: Math.ceil(timeout / 1000),
      execute: [oidc.enableNonRepudiationChecks, ...(allowPlainHttp ? [oidc.allowInsecureRequests] : [])],
    });
  }
}
