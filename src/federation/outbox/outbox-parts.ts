import type { Storage } from '../../storage/contract/storage.ts';
import type { Clock } from '../../util/clock.ts';
import type { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { Logger } from '../../util/logger.ts';
import type { Random } from '../../util/random.ts';
import type { FederationClient } from '../signed-client/federation-client.ts';
import type { BackoffSettings } from './backoff.ts';
import type { BatchSources } from './batch.ts';
import type { OutboxMetrics } from './outbox-metrics.ts';

/** What an outbox is built on. */
export interface OutboxParts {
  readonly storage: Storage;
  readonly client: FederationClient;
  readonly keyUpdates: BatchSources['keyUpdates'];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: OutboxMetrics;
  /** Of this server. */
  readonly serverName: string;
  readonly limits: BatchSources['limits'] &
    BackoffSettings & {
      /** Milliseconds for a server to take a transaction. */
      readonly timeout: number;
      /** Transactions under way at the same time. */
      readonly transactions: number;
      /** Servers kept in memory although there is nothing for them at the moment. */
      readonly servers: number;
      /** EDUs that wait for one server in memory. */
      readonly ephemeralPerServer: number;
      /** Milliseconds after which a server counts as one that was away for long. */
      readonly catchUpAfter: number;
      /** Milliseconds for what is under way when the outbox is stopped. */
      readonly grace: number;
    };
}

export interface DestinationParts extends OutboxParts {
  /** Who is sent to takes a turn, in one of these two queues. */
  readonly turns: LimitedConcurrency;
  readonly turnsOfFailing: LimitedConcurrency;
}
