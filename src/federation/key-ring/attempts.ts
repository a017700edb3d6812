import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';

export interface AttemptSettings {
  /** Least time between two attempts, in milliseconds. */
  readonly retryMin: number;
  /** Longest time between two. */
  readonly retryMax: number;
  /** Servers that are remembered. */
  readonly servers: number;
}

interface Attempt {
  readonly notBefore: number;
  /** In a row. */
  readonly failures: number;
}

/**
 * Which servers may be asked again. One that has answered may after the least time, whether or not it knew what was
 * wanted; one that fails is left alone twice as long each time.
 */
export class Attempts {
  readonly #settings: AttemptSettings;
  readonly #clock: Clock;
  readonly #last: Lru<ServerName, Attempt>;

  constructor(settings: AttemptSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#last = new Lru({ max: settings.servers });
  }

  mayAsk(server: ServerName): boolean {
    return (this.#last.get(server)?.notBefore ?? 0) <= this.#clock.now();
  }

  succeeded(server: ServerName): void {
    this.#last.set(server, { notBefore: this.#clock.now() + this.#settings.retryMin, failures: 0 });
  }

  failed(server: ServerName): void {
    const failures = this.#last.get(server)?.failures ?? 0;
    const { retryMin, retryMax } = this.#settings;
    const wait = Math.min(Math.max(retryMin, retryMax), retryMin * 2 ** Math.min(failures, 30));
    this.#last.set(server, { notBefore: this.#clock.now() + wait, failures: failures + 1 });
  }
}
