/** The one place where metrics are made: a registry that belongs to one server, so that two can live in a process. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a cached read to a long poll. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export class Metrics {
  readonly #registry = new Registry();

  /** `process` adds those of the process itself: memory, CPU, event loop delay, garbage collection. */
  constructor(options: { readonly process: boolean }) {
    if (options.process) collectDefaultMetrics({ register: this.#registry });
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name: `igchat_${name}`, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  /** `read` is asked for the value whenever somebody reads the metrics. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `igchat_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Durations in seconds. */
  histogram<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Histogram<L> {
    return new Histogram({
      name: `igchat_${name}`,
      help,
      labelNames: [...labelNames],
      buckets: DURATIONS,
      registers: [this.#registry],
    });
  }

  /** The text that Prometheus reads, and its media type. */
  async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
