import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { Logger } from '../../util/logger.ts';
import type { FederationClient } from '../signed-client/federation-client.ts';
import { Attempts } from './attempts.ts';
import { readKeyDocument } from './key-document.ts';
import { type KeySource, MAX_DOCUMENT_BYTES, reportFailure, type WantedKeys } from './key-source.ts';
import type { KnownKeys } from './known-keys.ts';

export interface KeySourceSettings {
  readonly keyTimeout: number;
  readonly keyRequests: number;
  readonly keyRequestsWaiting: number;
  readonly keyCacheServers: number;
  readonly keysPerServer: number;
  readonly keyRetryMin: number;
  readonly keyRetryMax: number;
}

export interface KeySourceParts {
  readonly client: FederationClient;
  readonly known: KnownKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: KeySourceSettings;
}

/** Asks servers for their own keys: each one at a time, so many at once, and after a failure not again for a while. */
export class OriginKeys implements KeySource {
  readonly #parts: KeySourceParts;
  readonly #attempts: Attempts;
  readonly #places: LimitedConcurrency;
  readonly #asking = new Map<ServerName, Promise<void>>();

  constructor(parts: KeySourceParts) {
    const { keyRetryMin, keyRetryMax, keyCacheServers, keyRequests, keyRequestsWaiting } = parts.settings;
    this.#parts = parts;
    const pace = { retryMin: keyRetryMin, retryMax: keyRetryMax, servers: keyCacheServers };
    this.#attempts = new Attempts(pace, parts.clock);
    this.#places = new LimitedConcurrency({ running: keyRequests, waiting: keyRequestsWaiting });
  }

  async refresh(wanted: WantedKeys): Promise<void> {
    await Promise.all([...wanted.keys()].map((server) => this.#asking.get(server) ?? this.#start(server)));
  }

  #start(server: ServerName): Promise<void> | undefined {
    if (!this.#attempts.mayAsk(server)) return undefined;
    const { logger } = this.#parts;
    const asking = this.#places
      .run(
        () => this.#ask(server),
        () => new TooManyWaiting(),
      )
      .catch((error: unknown) => {
        if (!(error instanceof TooManyWaiting)) throw error;
        logger.warn({ server }, 'too many servers are waiting to be asked for their keys');
      })
      .finally(() => this.#asking.delete(server));
    this.#asking.set(server, asking);
    return asking;
  }

  async #ask(server: ServerName): Promise<void> {
    const { client, known, clock, logger, settings } = this.#parts;
    try {
      const json = await client.ask({
        destination: server,
        method: 'GET',
        uri: '/_matrix/key/v2/server',
        signed: false,
        timeoutMs: settings.keyTimeout,
        maxBytes: MAX_DOCUMENT_BYTES,
      });
      const document = readKeyDocument(json, server, { now: clock.now(), maxKeys: settings.keysPerServer });
      if (document !== undefined) {
        await known.learn([document]);
        this.#attempts.succeeded(server);
        return;
      }
      logger.info({ server }, 'a server tells of its keys what cannot be true');
    } catch (error) {
      reportFailure(logger, server, error);
    }
    this.#attempts.failed(server);
  }
}

class TooManyWaiting extends Error {}
