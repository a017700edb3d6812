import { duration, flag, group, optional } from '../fields.ts';

const lifetime = (comment: string, example: string) => optional(duration({ comment, example, min: '1m' }));

export const retention = group({
  comment:
    'Deleting messages that are older than their rooms (m.room.retention) or this server want. State is never deleted,\nnor is anything on other servers.',
  fields: {
    enabled: flag({ comment: 'Whether messages are deleted.', default: false }),
    default_lifetime: lifetime('Of messages in rooms that say nothing; forever if nothing is said here.', '365d'),
    min_lifetime: lifetime('Rooms that want less get this.', '1d'),
    max_lifetime: lifetime('Rooms that want more get this.', '1000d'),
    purge_interval: duration({
      comment: 'Time between looks at all rooms. What is too old is not shown from the first moment on.',
      default: '24h',
      min: '1m',
    }),
  },
});
