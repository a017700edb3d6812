import { duration, group, size, whole } from '../fields.ts';

const count = (comment: string, standard: number) => whole({ comment, default: standard, min: 1, max: 10_000_000 });

export const outbox = group({
  comment: 'Sending to other servers. What could not be sent is kept and tried again.',
  fields: {
    transactions: count('Servers that are sent to at the same time.', 200),
    transaction_size: size({
      comment: 'Events and messages sent at once; at most 50 and 100 of them.',
      default: '4MB',
      min: '256KB',
    }),
    timeout: duration({ comment: 'Time for another server to take them.', default: '60s', min: '1s' }),
    retry_min: duration({
      comment: 'A server that fails is tried again after about this time; after each failure twice as long,',
      default: '2s',
      min: '100ms',
    }),
    retry_max: duration({ comment: '… up to this, or when it is heard of.', default: '6h', min: '1s' }),
    catch_up_after: duration({
      comment: 'A server that failed for this long gets the newest events of each room only; it can ask for others.',
      default: '1h',
      min: '1m',
    }),
    catch_up_events: count('How many of each room.', 20),
    servers: count('Servers kept in memory while there is nothing for them.', 20_000),
    ephemeral_per_server: count('Receipts, presence and the like that wait for one server; the oldest go.', 200),
    edus_per_server: count('Messages to devices and the like kept for a server that fails; the oldest go.', 100_000),
    abandon_after: duration({
      comment: 'Of events that a server which failed for longer has not got, only the newest of each room are kept.',
      default: '60d',
      min: '1d',
    }),
    grace: duration({ comment: 'Time for what is being sent when the server stops.', default: '3s', min: '0s' }),
  },
});
