import type { Storage } from '../storage/contract/storage.ts';
import { WriteSet } from '../storage/contract/write-set.ts';
import type { Clock } from '../util/clock.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const HOUR = 3_600_000;
/** Positions of the commit log that are kept: far more than any reader lags behind. */
const KEPT_POSITIONS = 100_000;

/** Forgets what has served its time: transaction ids beyond their window, and old entries of the commit log. */
export function expiryTasks(storage: Storage, clock: Clock, settings: { transactionWindow: number }): PeriodicTask[] {
  return [
    {
      name: 'expire transactions',
      every: Math.min(HOUR, settings.transactionWindow),
      async run() {
        await storage.commit(
          new WriteSet().add('transactions.expire', { created_at: clock.now() - settings.transactionWindow }),
        );
      },
    },
    {
      name: 'prune the commit log',
      every: HOUR,
      async run() {
        await storage.commit(new WriteSet().add('commit_log.prune', { last_position: storage.head - KEPT_POSITIONS }));
      },
    },
  ];
}
