import type { Histogram } from 'prom-client';
import type { Logger } from '../util/logger.ts';
import type { Metrics } from '../util/metrics.ts';
import type { ApiRequest } from './api-request.ts';
import type { CompiledEndpoint } from './compile-endpoint.ts';

/** How a request ended. */
export interface Outcome {
  readonly endpoint: CompiledEndpoint | undefined;
  readonly status: number;
  readonly ms: number;
  readonly bytes: number;
}

type Observer = { observe(seconds: number): void };

/** Writes the access log, reports slow requests, counts and times requests for the metrics. */
export class RequestLog {
  readonly #logger: Logger;
  readonly #access: boolean;
  readonly #slowMs: number;
  readonly #durations: Histogram<'endpoint' | 'status'> | undefined;
  /** By endpoint and status: looking a series up by its labels costs more than counting in it. */
  readonly #observers = new Map<string, Observer>();

  constructor(options: {
    readonly logger: Logger;
    /** Whether each request writes a line. */
    readonly access: boolean;
    /** Milliseconds from which a request is reported as slow. */
    readonly slowMs: number;
    readonly metrics?: Metrics;
  }) {
    this.#logger = options.logger;
    this.#access = options.access;
    this.#slowMs = options.slowMs;
    this.#durations = options.metrics?.histogram('http_request_seconds', 'Requests by endpoint and status.', [
      'endpoint',
      'status',
    ]);
  }

  finished(request: ApiRequest, outcome: Outcome): void {
    this.#observe(outcome);
    const isSlow = outcome.ms >= this.#slowMs && outcome.endpoint?.longPoll !== true;
    if (!isSlow && !this.#access) return;
    const line = {
      req: request.id,
      method: request.method,
      // The path has no query, and with it no token.
      path: request.path,
      endpoint: outcome.endpoint?.name,
      status: outcome.status,
      ms: Math.round(outcome.ms * 10) / 10,
      bytes: outcome.bytes,
      user: request.asker,
      ip: request.address,
    };
    if (isSlow) this.#logger.warn(line, 'slow request');
    else this.#logger.info(line, 'request');
  }

  failed(request: ApiRequest, endpoint: CompiledEndpoint | undefined, error: unknown): void {
    const err = error instanceof Error ? error : new Error(String(error));
    const line = { req: request.id, method: request.method, path: request.path, endpoint: endpoint?.name, err };
    this.#logger.error({ ...line, user: request.asker }, 'request failed');
  }

  #observe({ endpoint, status, ms }: Outcome): void {
    if (this.#durations === undefined) return;
    const name = endpoint?.name ?? 'unknown';
    const key = `${name} ${status}`;
    let observer = this.#observers.get(key);
    if (observer === undefined) {
      observer = this.#durations.labels({ endpoint: name, status: String(status) });
      this.#observers.set(key, observer);
    }
    observer.observe(ms / 1000);
  }
}
