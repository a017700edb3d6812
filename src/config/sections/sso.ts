import { duration, flag, group, list, oneOf, optional, pattern, text } from '../fields.ts';
import { roleFields } from './role-fields.ts';

/** OpenID Connect providers with which people log in. */
export const sso = list({
  comment:
    'OpenID Connect providers with which people log in in their browser (m.login.sso). A provider is given the address <public_base_url>/_igchat/sso/callback/<id>. The first login makes the account and ties it for good to issuer and `sub`; an account that exists is never taken over because of its name or e-mail address.',
  default: [],
  item: group({
    comment: 'One provider.',
    fields: {
      id: pattern({
        comment: 'Its name in addresses.',
        example: 'example',
        matches: /^[A-Za-z0-9_~-]{1,64}$/,
        expected: 'letters, digits and _ ~ -',
      }),
      name: text({ comment: 'What people read on the button.', example: 'Example' }),
      icon: optional(
        pattern({
          comment: 'A picture for the button.',
          example: 'mxc://example.org/abcdef',
          matches: /^mxc:\/\/[^/\s]+\/[^/\s]+$/,
          expected: 'an mxc address',
        }),
      ),
      brand: optional(
        pattern({
          comment: 'A style of button that clients know: apple, facebook, github, gitlab, google, twitter.',
          example: 'google',
          matches: /^[a-z][a-z0-9_.-]{0,254}$/,
          expected: 'an identifier in small letters',
        }),
      ),
      issuer: pattern({
        comment: 'Its issuer address to the letter, from where all else is found.',
        example: 'https://id.example.org',
        matches: /^https?:\/\/[^/?#\s]+[^?#\s]*$/,
        expected: 'an http or https address',
      }),
      client_id: text({ comment: 'The name that it gave to this server.', example: 'igchat' }),
      client_secret: optional(text({ comment: 'The secret that it gave with it.', secret: true, example: 'a secret' })),
      client_auth: oneOf({
        comment: 'How the secret is shown to it.',
        values: ['client_secret_basic', 'client_secret_post'],
        default: 'client_secret_basic',
      }),
      scopes: list({
        comment: 'What it is asked for.',
        default: ['openid', 'profile', 'email'],
        item: text({ comment: 'A scope.', example: 'openid' }),
      }),
      response_mode: oneOf({
        comment: 'How it sends people back: with a query, or with a form, as Apple wants for other scopes than openid.',
        values: ['query', 'form_post'],
        default: 'query',
      }),
      user_info: flag({ comment: 'Whether it is asked for more claims than those in the ID token.', default: true }),
      localpart: text({
        comment: 'The user name of a new account, with claims in braces. Who cannot have it chooses another.',
        default: '{preferred_username}',
      }),
      choose_localpart: flag({
        comment: 'Whether new people always choose their user name themselves.',
        default: false,
      }),
      display_name: text({ comment: 'The display name of a new account.', default: '{name}' }),
      email: optional(
        text({
          comment:
            'The e-mail address of a new account, taken only if the provider says `email_verified`. Nobody else sees it.',
          example: '{email}',
        }),
      ),
      registration: flag({ comment: 'Whether the first login makes an account.', default: true }),
      roles_claim: optional(
        text({
          comment:
            'The claim with the roles of the user, a list; `realm_access.roles` is within another. They count from one login to the next.',
          example: 'roles',
        }),
      ),
      ...roleFields,
      timeout: duration({ comment: 'Time for each of its answers.', default: '10s', min: '100ms' }),
    },
    check: ({ scopes }) => (scopes.includes('openid') ? [] : [['scopes', 'expected openid among them']]),
  }),
});
