import { duration, group, size, whole } from '../fields.ts';

const count = (comment: string, standard: number) => whole({ comment, default: standard, min: 1, max: 10_000_000 });

export const inbox = group({
  comment: 'Receiving from other servers.',
  fields: {
    answer_within: duration({
      comment: 'What cannot be checked within this time is kept and checked later.',
      default: '7s',
      min: '100ms',
    }),
    rooms: count('Rooms in which events are checked at the same time.', 20),
    staged_per_server: count(
      'Events of one server that wait to be checked; beyond, it is asked to wait (429).',
      20_000,
    ),
    transactions_per_server: count('Transactions of one server at the same time; beyond, it is asked to wait.', 5),
    answers: count('Transactions whose answers are kept in memory, for servers that repeat them.', 10_000),
    message_size: size({
      comment: 'Largest message to a device; larger ones are dropped.',
      default: '256KB',
      min: '1KB',
    }),
    message_memory: duration({
      comment: 'For this long a message to devices that comes again is known for what it is.',
      default: '30d',
      min: '1h',
    }),
    resyncs: count('Device lists that are fetched at the same time.', 20),
    resync_retry_min: duration({
      comment: 'A device list that could not be fetched is asked for again after about this time, then twice as long,',
      default: '5s',
      min: '100ms',
    }),
    resync_retry_max: duration({ comment: '… up to this.', default: '6h', min: '1s' }),
    receipts_per_edu: count('Receipts that are read of one message.', 500),
  },
});
