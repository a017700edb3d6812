/** What the platform says of chatters, as the configuration wants it. No logic. */
import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import type { NoticeBoard } from '../services/events.ts';
import type { ExternalAccounts } from '../services/external-login/external-accounts.ts';
import { JsonWebKeys } from '../services/external-login/json-web-keys.ts';
import { TokenIssuer } from '../services/external-login/token-issuer.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import { LoginRoles } from './services/claims/login-roles.ts';
import { LookedUpClaims } from './services/claims/looked-up-claims.ts';
import { SignedClaims } from './services/claims/signed-claims.ts';
import { type EntitlementProvider, StaticEntitlements } from './services/entitlements.ts';
import type { LiveSettings } from './settings/live-section.ts';

export interface Entitlements {
  readonly provider: EntitlementProvider;
  /** Takes what people bring along; undefined where that is not wanted. */
  readonly signed: SignedClaims | undefined;
  /** Badges by role, beside those that every server has. */
  readonly roleBadges: ReadonlyMap<string, string>;
}

export interface EntitlementFoundations {
  readonly outgoing: { readonly client: OutgoingClient };
  /** Knows the roles that people had elsewhere when they logged in. */
  readonly externalAccounts: Pick<ExternalAccounts, 'rolesOf'>;
  readonly notices: NoticeBoard;
}

export function composeEntitlements(
  settings: LiveSettings,
  { clock, loggers }: { readonly clock: Clock; readonly loggers: Loggers },
  { outgoing: { client }, externalAccounts, notices }: EntitlementFoundations,
  onFault: (error: unknown) => void,
): Entitlements {
  const { claims: source, claimsJwksUrl: jwksUrl, claimsLookupUrl: url, claimsRoles: roles } = settings;
  const { claimsLongest: longestMs, claimsRemembered: max } = settings;
  // What is paid for has a badge of its own, with the months.
  const withBadges = roles.filter(({ tier, badge }) => tier === 0 || badge !== undefined);
  const roleBadges = new Map(withBadges.map(({ role, badge }) => [role, badge ?? role]));
  const meanings = new Map(roles.map(({ name, role, tier }) => [name.toLowerCase(), { role, tier }]));
  if (source === 'signed' && jwksUrl !== undefined) {
    const { claimsAlgorithm: algorithm, claimsIssuer, claimsAudience: audience, claimsClockSkew: clockSkew } = settings;
    const keys = new JsonWebKeys(client, clock, jwksUrl);
    const issuer = new TokenIssuer({ algorithm, issuer: claimsIssuer, audience, clockSkew }, clock, keys);
    const log = loggers.named('live');
    const onRefused = (err: unknown) => log.info({ err }, 'claims were refused');
    const signed = new SignedClaims({ clock, issuer, meanings, max, longestMs, onRefused });
    return { provider: signed, signed, roleBadges };
  }
  if (source === 'lookup' && url !== undefined) {
    const { claimsLookupToken: token, claimsLookupTimeout: timeoutMs } = settings;
    const { claimsLookupRefresh: refreshMs, claimsLookupPause: pauseMs } = settings;
    const provider = new LookedUpClaims({
      ...{ clock, client, url, token, timeoutMs, refreshMs, pauseMs, holdMs: longestMs, meanings, max },
      onFault,
    });
    return { provider, signed: undefined, roleBadges };
  }
  if (source === 'login') {
    const refreshMs = settings.claimsLookupRefresh;
    const rolesOf = (userId: string) => externalAccounts.rolesOf(userId);
    const provider = new LoginRoles({ clock, rolesOf, meanings, max, refreshMs });
    notices.on('roles', ({ userId }) => provider.changed(userId));
    return { provider, signed: undefined, roleBadges };
  }
  return { provider: new StaticEntitlements(), signed: undefined, roleBadges };
}
