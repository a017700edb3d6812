import { duration, group, list, optional, path, whole } from '../fields.ts';

export const appservices = group({
  comment: 'Application services: bridges and bots that act for many users. Read at the start.',
  fields: {
    registrations: list({
      comment: 'Their registration files.',
      default: [],
      item: path({ comment: 'A registration file.', example: 'irc.yaml' }),
    }),
    transaction_events: whole({ comment: 'Events they are told at once.', default: 100, min: 1, max: 10_000 }),
    timeout: duration({ comment: 'Time for them to take these.', default: '60s', min: '1s' }),
    query_timeout: duration({ comment: 'Time for them to answer what users ask for.', default: '10s', min: '100ms' }),
    retry_min: duration({
      comment: 'One that fails is tried again after this time; after each failure twice as long,',
      default: '1s',
      min: '100ms',
    }),
    retry_max: duration({ comment: '… up to this.', default: '10m', min: '1s' }),
    ephemeral_kept: whole({
      comment: 'Receipts and the like that wait for one; the oldest go.',
      default: 1_000,
      min: 1,
      max: 1_000_000,
    }),
    events_kept: whole({
      comment: 'Events kept for one that fails; the oldest go.',
      default: 1_000_000,
      min: 1,
      max: 1_000_000_000,
    }),
    folder: optional(path({ comment: 'A folder whose files *.yaml are registrations too.', example: 'appservices' })),
  },
});
