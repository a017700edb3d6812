import { decimal, flag, group, list, pattern, whole } from '../fields.ts';

function bucket(comment: string, perSecond: number, burst: number) {
  return group({
    comment,
    inline: true,
    fields: {
      per_second: decimal({ comment: 'Requests a second.', default: perSecond, min: 0.0001, max: 1_000_000 }),
      burst: whole({ comment: 'Requests at once.', default: burst, min: 1, max: 1_000_000 }),
    },
  });
}

export const rateLimits = group({
  comment: 'How often one user, or one address without a user, may do what. Beyond, requests get 429 M_LIMIT_EXCEEDED.',
  fields: {
    enabled: flag({ comment: 'Whether limits apply at all.', default: true }),
    address: bucket('All requests that come without a valid access token, by address.', 20, 200),
    login: bucket('Logging in and refreshing tokens, by address.', 0.2, 10),
    failed_login: bucket('Wrong passwords, by account.', 0.1, 5),
    mail: bucket('Mails to one address.', 0.003, 5),
    registration: bucket('Making accounts, by address; one takes two or three requests.', 0.2, 10),
    message: bucket('Sending messages and changing state.', 10, 50),
    room_creation: bucket('Making rooms.', 0.2, 10),
    join: bucket('Joining rooms.', 1, 20),
    invite: bucket('Inviting.', 0.5, 30),
    ephemeral: bucket('Typing, receipts and presence.', 20, 100),
    media: bucket('Uploads.', 2, 20),
    media_download: bucket('Downloads and thumbnails.', 50, 300),
    keys: bucket('Keys of devices, to-device messages and key backup.', 30, 300),
    search: bucket('Searching rooms and users.', 2, 20),
    federation: bucket('Requests of other servers, by server.', 50, 500),
    general: bucket('Everything else.', 50, 300),
    exempt_users: list({
      comment: 'Users without limits: bots and bridges.',
      default: [],
      item: pattern({
        comment: 'A user id.',
        example: '@bot:example.org',
        matches: /^@[^:\s]*:\S+$/,
        expected: 'a user id such as @bot:example.org',
      }),
    }),
  },
});

/** Name of a rate limit that an endpoint can be under. */
export type RateLimitBucket = Exclude<keyof NonNullable<(typeof rateLimits)['type']>, 'enabled' | 'exemptUsers'>;
