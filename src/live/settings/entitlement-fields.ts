/** Options of what another application says of chatters: who follows, who pays, who is what. */
import { duration, group, list, oneOf, optional, text, webAddress, whole } from '../../config/fields.ts';

const ROLES = [
  ...['VIP', 'Partner', 'Creator', 'Supporter'].map((name) => ({ name, role: name.toLowerCase(), tier: 0 })),
  { name: 'Subscriber', role: 'subscriber', tier: 1 },
];

export const entitlementFields = {
  claims: oneOf({
    comment:
      'What another application says of people in a channel (since when they follow, what they pay for, their roles) decides on followers’ and subscribers’ chat and on badges. none; signed: people bring claims along that it has signed (PUT …/channels/{channel}/claims); lookup: it is asked; login: the roles count that people had when they last logged in from there (login.jwt, login.sso).',
    values: ['none', 'signed', 'lookup', 'login'],
    default: 'none',
  }),
  claims_algorithm: oneOf({
    comment: 'How claims are signed. There is no shared secret: it would let this server make them.',
    values: ['EdDSA', 'ES256', 'RS256'],
    default: 'EdDSA',
  }),
  claims_jwks_url: optional(
    webAddress({ comment: 'Where its public keys are.', example: 'https://app.example.org/jwks.json' }),
  ),
  claims_issuer: optional(text({ comment: '`iss` that claims must have.', example: 'https://app.example.org' })),
  claims_audience: text({ comment: '`aud` that claims must have.', default: 'igchat' }),
  claims_clock_skew: duration({ comment: 'By how much clocks may differ.', default: '10s' }),
  claims_lookup_url: optional(
    text({
      comment:
        'Is asked for the claims of {user} (or {localpart}) in {channel}: { roles, follow_since, tier, sub_months, acct, ver, badges, exp }, times in seconds.',
      example: 'https://app.example.org/live/{channel}/users/{user}',
    }),
  ),
  claims_lookup_token: optional(text({ comment: 'Bearer token for it.', secret: true, example: 'a token' })),
  claims_lookup_timeout: duration({ comment: 'Time for it to answer.', default: '2s', min: '100ms' }),
  claims_lookup_refresh: duration({ comment: 'It is asked again after this time.', default: '5m', min: '1s' }),
  claims_lookup_pause: duration({ comment: 'When it does not answer, it is left alone for this time.', default: '5s' }),
  claims_longest: duration({
    comment: 'For how long claims hold at most; while it is away they then open nothing more, and badges stay.',
    default: '15m',
    min: '1m',
  }),
  claims_remembered: whole({ comment: 'Claims that are remembered.', default: 50_000, min: 100, max: 10_000_000 }),
  platform_secret: optional(
    text({
      comment:
        'Secret by which the application around signs its requests (sessions, notices, channels); 32 characters or more.',
      secret: true,
      example: 'a long text that nobody can guess',
    }),
  ),
  platform_clock_skew: duration({ comment: 'How far its clock may be off.', default: '5m', min: '1s' }),
  platform_requests: whole({
    comment: 'Requests of it that are remembered, so that none counts twice.',
    default: 100_000,
    min: 1_000,
    max: 10_000_000,
  }),
  claims_webhook_token: optional(
    text({
      comment: 'Bearer token by which it says at once that claims have changed (POST …/live/entitlements/changed).',
      secret: true,
      example: 'a long text',
    }),
  ),
  claims_roles: list({
    comment: 'Its roles and what they are here. Roles that are not named are nothing.',
    default: ROLES,
    item: group({
      comment: 'A role.',
      inline: true,
      fields: {
        name: text({ comment: 'Its name there; capitals do not matter.', example: 'VIP' }),
        role: text({ comment: 'Its name here, as settings of channels and badges have it.', example: 'vip' }),
        badge: optional(text({ comment: 'Its badge; without one it is called as the role.', example: 'vip' })),
        tier: whole({ comment: 'Tier of the subscription it stands for.', default: 0, min: 0, max: 3 }),
      },
    }),
  }),
} as const;

/** What must hold between them. */
const SHORTEST_SECRET = 32;

export function checkEntitlements({
  claims,
  claimsJwksUrl,
  claimsIssuer,
  claimsLookupUrl,
  platformSecret,
}: {
  readonly claims: string;
  readonly claimsJwksUrl: string | undefined;
  readonly claimsIssuer: string | undefined;
  readonly claimsLookupUrl: string | undefined;
  readonly platformSecret: string | undefined;
}): [string, string][] {
  return [
    ...missing(
      platformSecret !== undefined && platformSecret.length < SHORTEST_SECRET,
      'platform_secret',
      `expected ${SHORTEST_SECRET} characters or more`,
    ),
    ...missing(
      claims === 'signed' && claimsJwksUrl === undefined,
      'claims_jwks_url',
      'expected where the keys of claims are',
    ),
    ...missing(claims === 'signed' && claimsIssuer === undefined, 'claims_issuer', 'expected who makes claims'),
    ...missing(
      claims === 'lookup' && !isTemplate(claimsLookupUrl),
      'claims_lookup_url',
      'expected an address with {user} or {localpart}',
    ),
  ];
}

function missing(isMissing: boolean, option: string, what: string): [string, string][] {
  return isMissing ? [[option, what]] : [];
}

function isTemplate(url: string | undefined): boolean {
  return url !== undefined && /^https?:\/\/[^{]+.*\{(user|localpart)\}/.test(url) && URL.canParse(url);
}
