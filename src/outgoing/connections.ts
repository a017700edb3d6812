import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type { Pool } from 'undici';
import { LimitedConcurrency } from '../util/limited-concurrency.ts';
import { Lru } from '../util/lru.ts';
import { type Dialling, dial, type Route } from './dial.ts';
import { OutgoingError } from './outgoing-error.ts';

export interface ConnectionSettings {
  readonly requestsPerHost: number;
  readonly waitingPerHost: number;
  /** Of all hosts. */
  readonly requests: number;
  /** Routes whose connections are kept. */
  readonly hosts: number;
  readonly idleTimeout: number;
  readonly maxHeaderSize: number;
}

interface Connection {
  readonly pool: Pool;
  readonly places: LimitedConcurrency;
}

const load = createRequire(import.meta.url);

/** Loaded with the first request: it takes 10 MiB. */
const undici = () => load('undici') as typeof import('undici');

/** Undici's own timers are off: times are measured by the injected clock. */
const NO_TIMEOUT = 0;

/** The connections that are kept open, by route: never is one used for another address, port or certificate. */
export class Connections {
  readonly #settings: ConnectionSettings;
  readonly #dialling: Dialling;
  readonly #routes: Lru<string, Connection>;
  readonly #all: LimitedConcurrency;
  readonly #closing = new Set<Promise<void>>();

  constructor(settings: ConnectionSettings, dialling: Dialling) {
    this.#settings = settings;
    this.#dialling = dialling;
    this.#all = new LimitedConcurrency({ running: settings.requests, waiting: settings.requests * 10 });
    this.#routes = new Lru<string, Connection>({
      max: settings.hosts,
      dispose: ({ pool }) => this.#close(pool.close()),
    });
  }

  /** Routes that are kept. */
  get size(): number {
    return this.#routes.size;
  }

  /**
   * A turn to send along `route`: the pool to send with, and what is called when the answer has ended.
   * @throws OutgoingError `busy` if too many wait for this host or for all.
   */
  async take(route: Route): Promise<{ readonly pool: Pool; release(): void }> {
    const { pool, places } = this.#connection(route);
    const tooMany = () => new OutgoingError('busy', route.host, 'too many requests are waiting');
    const releaseHost = await takePlace(places, tooMany);
    try {
      const releaseAll = await takePlace(this.#all, tooMany);
      return {
        pool,
        release() {
          releaseAll();
          releaseHost();
        },
      };
    } catch (error) {
      releaseHost();
      throw error;
    }
  }

  /** Breaks all connections off. */
  async close(): Promise<void> {
    const pools = [...this.#routes.values()].map(({ pool }) => pool);
    await Promise.all(pools.map((pool) => pool.destroy()));
    this.#routes.clear();
    await Promise.allSettled(this.#closing);
  }

  #connection(route: Route): Connection {
    const { protocol, host, port, certificateName } = route;
    const key = JSON.stringify([protocol, host, port, certificateName]);
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const connection = { pool: this.#open(route), places: this.#places() };
    this.#routes.set(key, connection);
    return connection;
  }

  #places(): LimitedConcurrency {
    const { requestsPerHost, waitingPerHost } = this.#settings;
    return new LimitedConcurrency({ running: requestsPerHost, waiting: waitingPerHost });
  }

  #open(route: Route): Pool {
    const { requestsPerHost, idleTimeout, maxHeaderSize } = this.#settings;
    const host = isIP(route.host) === 6 ? `[${route.host}]` : route.host;
    return new (undici().Pool)(`${route.protocol}//${host}:${route.port}`, {
      connect: (_options, done) => {
        dial(route, this.#dialling).then(
          (socket) => done(null, socket),
          (error: Error) => done(error, null),
        );
      },
      connections: requestsPerHost,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: idleTimeout,
      keepAliveMaxTimeout: idleTimeout,
      headersTimeout: NO_TIMEOUT,
      bodyTimeout: NO_TIMEOUT,
      maxHeaderSize,
    });
  }

  #close(closed: Promise<void>): void {
    // A pool that has been destroyed already cannot be closed, and need not be.
    const settled = closed.catch(() => undefined).finally(() => this.#closing.delete(settled));
    this.#closing.add(settled);
  }
}

/** Waits for a place; the answer gives it back. */
function takePlace(places: LimitedConcurrency, tooMany: () => Error): Promise<() => void> {
  return new Promise((resolve, reject) => {
    places.run(() => new Promise<void>((release) => resolve(release)), tooMany).catch(reject);
  });
}
