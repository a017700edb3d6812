import type { Metrics } from '../../util/metrics.ts';

/** What the outbox counts. */
export class OutboxMetrics {
  readonly transactions;
  readonly pdus;
  readonly edus;
  readonly refusedPdus;
  readonly dropped;
  readonly skipped;

  constructor(metrics: Metrics) {
    this.transactions = metrics.counter('outbox_transactions', 'Transactions to other servers, by outcome.', [
      'outcome',
    ]);
    this.pdus = metrics.counter('outbox_pdus', 'Events that other servers have got.');
    this.edus = metrics.counter('outbox_edus', 'Ephemeral messages that other servers have got.');
    this.refusedPdus = metrics.counter('outbox_refused_pdus', 'Events that other servers have got and did not accept.');
    this.dropped = metrics.counter('outbox_dropped_edus', 'Ephemeral messages dropped because too many waited.');
    this.skipped = metrics.counter('outbox_skipped', 'Events and messages left out because a server refused them.');
  }
}
