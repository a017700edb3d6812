import type { FederatedServers } from '../../federation/federated-servers.ts';
import type { KeyRing } from '../../federation/key-ring/key-ring.ts';
import type { KnownKeys } from '../../federation/key-ring/known-keys.ts';
import type { OwnKeys } from '../../federation/key-ring/own-keys.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';

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
  readonly settings: { readonly keyQueryServers: number; readonly keyRequests: number };
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
    for (let at = 0; at < others.length; at += PAGE) {
      for (const document of await this.#ofOthers(others.slice(at, at + PAGE))) answers.push(own.sign(document));
    }
    return answers;
  }

  async #ofOthers(wanted: readonly (readonly [ServerName, KeyCriteria])[]): Promise<JsonObject[]> {
    const { known } = this.#parts;
    const names = wanted.map(([server]) => server);
    let documents = await known.documents(names);
    const stale = wanted.filter(([server, criteria]) => this.#isStale(documents.get(server) ?? [], criteria));
    if (stale.length > 0 && (await this.#refresh(stale.map(([server]) => server)))) {
      documents = await known.documents(names);
    }
    return wanted.flatMap(([server, { keys }]) => chosen(documents.get(server) ?? [], [...keys.keys()]));
  }

  /** False if too many are being asked for others already. */
  async #refresh(servers: readonly ServerName[]): Promise<boolean> {
    try {
      await this.#asking.run(
        () => this.#parts.ring.refresh(servers),
        () => new TooManyAsking(),
      );
      return true;
    } catch (error) {
      if (error instanceof TooManyAsking) return false;
      throw error;
    }
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
