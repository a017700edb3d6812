import { duration, group, whole } from '../fields.ts';

export const push = group({
  comment: 'Notifications, which go to the push gateways that the apps of users name.',
  fields: {
    request_timeout: duration({ comment: 'Time for a gateway to answer.', default: '10s', min: '100ms' }),
    retry_min: duration({
      comment: 'Pause after a gateway has failed; twice as long after each failure that follows.',
      default: '2s',
      min: '100ms',
    }),
    retry_max: duration({ comment: 'Longest such pause.', default: '1h', min: '1s' }),
    max_age: duration({ comment: 'Nobody is notified of messages that are older.', default: '24h', min: '1m' }),
    events_per_room: whole({
      comment: 'Messages of a room of which a gateway is told after a pause; beyond, only of the newest.',
      default: 20,
      min: 1,
      max: 1_000,
    }),
    concurrency: whole({
      comment: 'Users whose gateways are told at the same time.',
      default: 100,
      min: 1,
      max: 10_000,
    }),
  },
});
