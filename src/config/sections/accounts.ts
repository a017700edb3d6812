import { duration, flag, group, list, oneOf, optional, pattern, size, text, webAddress, whole } from '../fields.ts';
import { jwt } from './jwt.ts';
import { sso } from './sso.ts';

export const registration = group({
  comment: 'Who may make an account. `igchat create-user` always works.',
  fields: {
    mode: oneOf({
      comment:
        'closed: nobody over the network. token: who has a registration token from the administrator.\nopen: anyone, any number of accounts.',
      values: ['closed', 'token', 'open'],
      default: 'token',
    }),
    guests: flag({ comment: 'Whether people may look around as guests, without an account.', default: false }),
    email: oneOf({
      comment:
        'Whether people who register show that an e-mail address is theirs, which takes the section `email`. optional: only if they\nwant to.',
      values: ['none', 'optional', 'required'],
      default: 'none',
    }),
    terms: list({
      comment: 'What people agree to when they register.',
      default: [],
      item: group({
        comment: 'A document in one language; the same in another has the same id and version.',
        fields: {
          id: pattern({
            comment: 'Names it.',
            example: 'privacy_policy',
            matches: /^[a-z0-9_]{1,64}$/,
            expected: 'small letters, digits and _',
          }),
          version: text({ comment: 'Its version.', default: '1.0' }),
          language: pattern({
            comment: 'Its language.',
            default: 'en',
            matches: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/,
            expected: 'a language such as en or pt-BR',
          }),
          name: text({ comment: 'What people see.', example: 'Privacy policy' }),
          url: webAddress({ comment: 'Where it is.', example: 'https://example.org/privacy' }),
        },
      }),
    }),
    terms_for_all: flag({
      comment:
        'Whether people who registered before these versions, or otherwise, have to agree to them, too: until then they read, but\ndo not write. They are told by their app, and by a server notice (`server_notices`).',
      default: false,
    }),
    shared_secret: optional(
      text({
        comment: 'Who knows this secret can make accounts, administrators too, at /_synapse/admin/v1/register.',
        secret: true,
        example: 'a long random text',
      }),
    ),
  },
});

export const login = group({
  comment: 'Ways to log in.',
  fields: {
    password: flag({ comment: 'With user name and password.', default: true }),
    token_lifetime: duration({
      comment: 'How long a login token lives, with which a session signs in another device.',
      default: '2m',
      min: '1s',
    }),
    jwt,
    sso,
    sso_clients: list({
      comment:
        'Addresses of clients to which people return without a question after they have logged in with a provider, and what is below them. Before other clients get to know who logs in, people are shown their address.',
      default: [],
      item: pattern({
        comment: 'An address, of a website or of an app.',
        example: 'https://app.example.org/',
        matches: /^[a-z][a-z0-9+.-]*:\S+$/,
        expected: 'an address such as https://app.example.org/ or org.example.app:/callback',
      }),
    }),
    sso_lifetime: duration({
      comment: 'Time to log in at a provider, and to choose a user name.',
      default: '15m',
      min: '10s',
    }),
  },
  check: ({ sso }) =>
    new Set(sso.map(({ id }) => id)).size === sso.length ? [] : [['sso', 'expected another id for each provider']],
});

export const password = group({
  comment: 'Passwords and how they are stored (argon2id). Old hashes are renewed at the next login.',
  fields: {
    min_length: whole({ comment: 'Characters that a new password must have.', default: 8, min: 1, max: 512 }),
    memory: size({ comment: 'Memory that computing one hash takes.', default: '19MB', min: '8KB' }),
    passes: whole({ comment: 'Passes over that memory.', default: 2, min: 1, max: 100 }),
    parallelism: whole({ comment: 'Lanes of one hash.', default: 1, min: 1, max: 64 }),
    concurrency: whole({ comment: 'Hashes computed at the same time; more wait.', default: 2, min: 1, max: 64 }),
    queue: whole({
      comment: 'How many may wait; beyond, people are asked to try again (429).',
      default: 200,
      min: 1,
      max: 100000,
    }),
  },
});

export const sessions = group({
  comment: 'How long people stay logged in.',
  fields: {
    access_token_lifetime: optional(
      duration({
        comment: 'Clients that cannot refresh their access token are logged out after this time. If left out: never.',
        example: '90d',
        min: '10s',
      }),
    ),
    refreshable_access_token_lifetime: duration({
      comment: 'Lifetime of an access token that its client can refresh.',
      default: '5m',
      min: '1s',
    }),
    refresh_token_lifetime: optional(
      duration({
        comment: 'A session whose token was not refreshed for this long is logged out. If left out: never.',
        example: '90d',
        min: '10s',
      }),
    ),
    user_interactive_lifetime: duration({
      comment: 'Time to go through the stages of registration, or to confirm who one is.',
      default: '15m',
      min: '10s',
    }),
  },
});
