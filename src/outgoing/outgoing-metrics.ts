import type { Metrics } from '../util/metrics.ts';

/** Counts what goes out, by its purpose and how it ended. */
export class OutgoingMetrics {
  readonly #requests;
  readonly #seconds;

  constructor(metrics: Metrics) {
    this.#requests = metrics.counter('outgoing_requests', 'Requests to other servers, by outcome.', [
      'purpose',
      'outcome',
    ]);
    this.#seconds = metrics.histogram('outgoing_request_seconds', 'Time until the head of the answer.', ['purpose']);
  }

  /** @param outcome the class of the status, as `2xx`, or the kind of an `OutgoingError`. */
  count(purpose: string, outcome: string, ms: number): void {
    this.#requests.inc({ purpose, outcome });
    this.#seconds.observe({ purpose }, ms / 1000);
  }
}
