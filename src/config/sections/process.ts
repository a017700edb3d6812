import { duration, flag, group, oneOf } from '../fields.ts';

export const logging = group({
  comment: 'The log, on standard output.',
  fields: {
    level: oneOf({
      comment: 'Least important kind of line that is written.',
      values: ['trace', 'debug', 'info', 'warn', 'error'],
      default: 'info',
    }),
    access: flag({ comment: 'Whether each request writes a line.', default: false }),
    format: oneOf({ comment: 'For people or for machines.', values: ['text', 'json'], default: 'text' }),
  },
});

export const shutdown = group({
  comment: 'Stopping.',
  fields: {
    grace: duration({ comment: 'Time for running requests to finish.', default: '10s' }),
  },
});
