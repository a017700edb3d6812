import { duration, flag, group, oneOf } from '../fields.ts';

export const rooms = group({
  comment: 'New rooms.',
  fields: {
    default_version: oneOf({
      comment: 'Their room version.',
      values: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'],
      default: '12',
    }),
    encrypt_by_default: oneOf({
      comment:
        'Which are encrypted even if the client does not ask for it: none, private (not those open to all) or all.',
      values: ['none', 'private', 'all'],
      default: 'none',
    }),
    publish_to_directory: oneOf({
      comment: 'Who may list a room in the public directory: everyone who may change its address, or admins.',
      values: ['everyone', 'admins', 'nobody'],
      default: 'everyone',
    }),
  },
});

export const presence = group({
  comment: 'Who is online.',
  fields: {
    enabled: flag({ comment: 'Whether presence is kept and sent.', default: true }),
  },
});

export const idempotency = group({
  comment: 'Requests that clients send again with the same transaction id.',
  fields: {
    window: duration({
      comment: 'For this long a repeated request gets the answer of the first one.',
      default: '24h',
      min: '1m',
    }),
  },
});
