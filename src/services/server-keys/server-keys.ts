import type { FederatedServers } from '../../federation/federated-servers.ts';
import type { KeyRing } from '../../federation/key-ring/key-ring.ts';
import type { KnownKeys } from '../../federation/key-ring/known-keys.ts';
import type { OwnKeys } from '../../federation/key-ring/own-keys.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { Logger } from '../../util/logger.ts';

/** What is wanted of one server; times in milliseconds since the epoch, now if left out. */
export interface KeyCriteria {
  /** Key ids, and until when each should be valid. None: all. */
  readonly keys: ReadonlyMap<string, number | undefined>;
  /** Until when the keys should be valid where none is named. */
  readonly validUntil?: number | undefined;
}

/** Servers whose documents are in memory at a time. */
const PAGE = 20;

export interface ServerKeyParts {
  readonly own: OwnKeys;
  readonly ring: KeyRing;
  readonly known: KnownKeys;
  readonly servers: FederatedServers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: {
    readonly keyQueryServers: number;
    readonly keyRequests: number;
    /** Milliseconds. */
    readonly keyTimeout: number;
  };
}

/** Tells others the keys of this server, and as a notary those of all others. */
export class ServerKeys {
  readonly #parts: ServerKeyParts;
  /** Requests for which other servers are asked; beyond, what is known has to do. */
  readonly #asking: LimitedConcurrency;

  constructor(parts: ServerKeyParts) {
    this.#parts = parts;
    this.#asking = new LimitedConcurrency({ running: parts.settings.keyRequests, waiting: 0 });
  }

  own(): JsonObject {
    return this.#parts.own.document();
  }

  /**
   * What servers have said of their keys, with the signature of this server added. Those of which nothing is known, or
   * what is known is too old, are asked.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#querying-keys-through-another-server
   */
  async query(criteria: ReadonlyMap<ServerName, KeyCriteria>): Promise<JsonObject[]> {
    const { own, servers, settings } = this.#parts;
    const answers = criteria.has(own.serverName) ? [own.document()] : [];
    const others = [...criteria].filter(([server]) => servers.has(server)).slice(0, settings.keyQueryServers);
    const stale: ServerName[] = [];
    for await (const [server, wanted, documents] of this.#documents(others)) {
      if (this.#isStale(documents, wanted)) stale.push(server);
    }
    if (stale.length > 0) await this.#refresh(stale);
    for await (const [, { keys }, documents] of this.#documents(others)) {
      for (const document of chosen(documents, [...keys.keys()])) answers.push(own.sign(document));
    }
    return answers;
  }

  /** What is known of each server, a few servers at a time. */
  async *#documents(
    wanted: readonly (readonly [ServerName, KeyCriteria])[],
  ): AsyncGenerator<readonly [ServerName, KeyCriteria, readonly JsonObject[]]> {
    for (let at = 0; at < wanted.length; at += PAGE) {
      const page = wanted.slice(at, at + PAGE);
      const documents = await this.#parts.known.documents(page.map(([server]) => server));
      for (const [server, criteria] of page) yield [server, criteria, documents.get(server) ?? []];
    }
  }

  /** Asks servers for their keys, if not too many are being asked already; waits no longer than one of them may take. */
  async #refresh(servers: readonly ServerName[]): Promise<void> {
    const { ring, clock, settings } = this.#parts;
    const refreshed = this.#asking.run(
      () => ring.refresh(servers),
      () => new TooManyAsking(),
    );
    let cancel = (): void => undefined;
    const tooLate = new Promise<void>((resolve) => {
      cancel = clock.after(settings.keyTimeout, resolve);
    });
    try {
      await Promise.race([refreshed, tooLate]);
    } catch (error) {
      if (!(error instanceof TooManyAsking)) throw error;
    } finally {
      cancel();
      refreshed.catch((error: unknown) => this.#report(error));
    }
  }

  #report(error: unknown): void {
    if (!(error instanceof TooManyAsking)) this.#parts.logger.warn({ err: error }, 'keys of servers were not learned');
  }

  #isStale(documents: readonly JsonObject[], { keys, validUntil }: KeyCriteria): boolean {
    const now = this.#parts.clock.now();
    if (keys.size === 0) return validUntilOf(documents[0]) < (validUntil ?? now);
    return [...keys].some(
      ([keyId, minimum]) =>
        !documents.some((document) => has(document, 'old_verify_keys', keyId)) &&
        !documents.some(
          (document) => has(document, 'verify_keys', keyId) && validUntilOf(document) >= (minimum ?? now),
        ),
    );
  }
}

class TooManyAsking extends Error {}

/** The newest document, and for each key that it does not have the newest that has it. */
function chosen(documents: readonly JsonObject[], keyIds: readonly string[]): JsonObject[] {
  const found = new Set<JsonObject>(documents.slice(0, 1));
  for (const keyId of keyIds) {
    const tells = (document: JsonObject) =>
      has(document, 'verify_keys', keyId) || has(document, 'old_verify_keys', keyId);
    if ([...found].some(tells)) continue;
    const document = documents.find(tells);
    if (document !== undefined) found.add(document);
  }
  return [...found];
}

function validUntilOf(document: JsonObject | undefined): number {
  return Number(document?.['valid_until_ts'] ?? 0);
}

function has(document: JsonObject, list: 'verify_keys' | 'old_verify_keys', keyId: string): boolean {
  const keys = document[list];
  return isJsonObject(keys) && Object.hasOwn(keys, keyId);
}
