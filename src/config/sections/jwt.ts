import { duration, flag, group, list, oneOf, optional, pattern, text, webAddress } from '../fields.ts';
import { roleFields } from './role-fields.ts';

const claim = (comment: string, example: string) => optional(text({ comment, example }));

/** Issuers of tokens with which people log in. */
export const jwt = list({
  comment:
    'Other applications whose users log in with a token that these have signed (org.matrix.login.jwt). The first login makes the\naccount and ties it for good to the `sub` of the token; an account that exists is never taken over because of its name.',
  default: [],
  item: group({
    comment: 'One such application.',
    fields: {
      id: pattern({
        comment: 'Its name here. It cannot be changed later: accounts are tied to it.',
        example: 'igcore',
        matches: /^\S{1,255}$/,
        expected: 'a text without spaces',
      }),
      algorithm: oneOf({
        comment: 'How its tokens are signed. Tokens that say otherwise are refused.',
        values: ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'],
        default: 'HS256',
      }),
      secret: optional(
        text({ comment: 'The shared secret, for HS algorithms.', secret: true, example: 'a long text' }),
      ),
      jwks_url: optional(
        webAddress({
          comment: 'Where its public keys are, for the other algorithms. They are fetched again when a key is new.',
          example: 'https://app.example.org/jwks.json',
        }),
      ),
      issuer: claim('`iss` that tokens must have. If left out it is not looked at.', 'https://app.example.org'),
      audience: claim('`aud` that tokens must have. If left out it is not looked at.', 'chat'),
      clock_skew: duration({ comment: 'By how much clocks may differ.', default: '10s' }),
      max_age: optional(
        duration({ comment: 'Tokens that were issued (`iat`) longer ago are refused.', example: '5m' }),
      ),
      registration: flag({ comment: 'Whether the first login makes an account.', default: true }),
      localpart_claim: text({ comment: 'The claim that the user name of a new account comes from.', default: 'sub' }),
      display_name_claim: claim('The claim that its display name comes from.', 'name'),
      roles_claim: claim(
        'The claim with the roles of the user, a list; `realm_access.roles` is within another.',
        'roles',
      ),
      lookup_url: optional(
        text({
          comment:
            'Is asked at each login for { username, display_name, roles }, which then count and not the claims. {sub} is the user.\nWhen it does not answer, people with an account log in all the same, and new ones are asked to come later.',
          example: 'https://app.example.org/api/users/{sub}',
        }),
      ),
      lookup_token: optional(text({ comment: 'Bearer token for it.', secret: true, example: 'a token' })),
      lookup_timeout: duration({ comment: 'Time for it to answer.', default: '2s', min: '100ms' }),
      ...roleFields,
    },
    check: ({ algorithm, secret, jwksUrl, lookupUrl }) => [
      ...problem(algorithm.startsWith('HS') && secret === undefined, 'secret', `expected a secret for ${algorithm}`),
      ...problem(algorithm.startsWith('HS') && jwksUrl !== undefined, 'jwks_url', `expected none for ${algorithm}`),
      ...problem(!algorithm.startsWith('HS') && jwksUrl === undefined, 'jwks_url', `expected keys for ${algorithm}`),
      ...problem(!algorithm.startsWith('HS') && secret !== undefined, 'secret', `expected none for ${algorithm}`),
      ...problem(
        !isLookup(lookupUrl),
        'lookup_url',
        'expected an http or https address with {sub} in its path or query',
      ),
    ],
  }),
});

function problem(isOne: boolean, option: string, what: string): [string, string][] {
  return isOne ? [[option, what]] : [];
}

function isLookup(url: string | undefined): boolean {
  return url === undefined || (/^https?:\/\/[^{]+.*\{sub\}/.test(url) && URL.canParse(url));
}
