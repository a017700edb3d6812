import { duration, group, whole } from '../fields.ts';

export const delayedEvents = group({
  comment: 'Events that clients have sent later (MSC4140), as leaving a call in which they are not heard of any more.',
  fields: {
    max_delay: duration({ comment: 'Longest delay.', default: '24h', min: '1m' }),
    per_user: whole({ comment: 'Events of one user that may wait.', default: 100, min: 1, max: 100_000 }),
    total: whole({ comment: 'Events of all users that may wait.', default: 100_000, min: 1, max: 100_000_000 }),
    kept_per_user: whole({
      comment: 'Events of one user that were sent or cancelled, whose outcome is kept.',
      default: 100,
      min: 1,
      max: 1_000,
    }),
    kept_for: duration({ comment: 'For how long it is.', default: '7d', min: '1m' }),
  },
});
