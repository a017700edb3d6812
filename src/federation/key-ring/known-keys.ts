import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { sha256Base64 } from '../../protocol/signing/event-hash.ts';
import type { KnownKey } from '../../protocol/signing/verify-event.ts';
import { verifyKeyFromBase64 } from '../../protocol/signing/verify-key.ts';
import type { ServerKeyRow } from '../../storage/contract/server-keys.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { KeyDocument } from './key-document.ts';

export type KeysOfServer = ReadonlyMap<string, KnownKey>;

/** Servers whose keys are read in one query. */
const PAGE = 500;

/** The keys of other servers that have been learned, old ones too: in the database, and those in use in memory. */
export class KnownKeys {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #keysPerServer: number;
  readonly #cache: Lru<ServerName, KeysOfServer>;
  /** For each read that is under way, the servers of which something was learned meanwhile. */
  readonly #loads = new Set<Set<ServerName>>();

  constructor(
    storage: Storage,
    clock: Clock,
    limits: { readonly keyCacheServers: number; readonly keysPerServer: number },
  ) {
    this.#storage = storage;
    this.#clock = clock;
    this.#keysPerServer = limits.keysPerServer;
    this.#cache = new Lru({ max: limits.keyCacheServers });
  }

  /** What is known of each of the servers; of one that nothing is known of there is an empty map. */
  async of(servers: readonly ServerName[]): Promise<Map<ServerName, KeysOfServer>> {
    const found = new Map<ServerName, KeysOfServer>();
    const absent: ServerName[] = [];
    for (const server of servers) {
      const known = this.#cache.get(server);
      if (known === undefined) absent.push(server);
      else found.set(server, known);
    }
    for (let at = 0; at < absent.length; at += PAGE) {
      for (const [server, keys] of await this.#load(absent.slice(at, at + PAGE))) found.set(server, keys);
    }
    return found;
  }

  /** What servers have said of their keys, by server, the newest first. */
  async documents(servers: readonly ServerName[]): Promise<Map<string, JsonObject[]>> {
    const found = new Map<string, JsonObject[]>();
    if (servers.length === 0) return found;
    for (const row of await this.#storage.readHeavy((tx) => tx.serverKeys.documentsOf(servers))) {
      const documents = found.get(row.server_name) ?? [];
      documents.push(JSON.parse(row.json) as JsonObject);
      found.set(row.server_name, documents);
    }
    return found;
  }

  /** Remembers what servers have told. */
  async learn(documents: readonly KeyDocument[]): Promise<void> {
    if (documents.length === 0) return;
    const set = new WriteSet();
    for (const document of documents) this.#add(set, document);
    set.onCommitted(() => {
      for (const { serverName } of documents) {
        this.#cache.delete(serverName);
        for (const overtaken of this.#loads) overtaken.add(serverName);
      }
    });
    await this.#storage.commit(set);
  }

  #add(set: WriteSet, { serverName: server_name, keys, json }: KeyDocument): void {
    const text = JSON.stringify(json);
    const document_id = sha256Base64(text);
    set.add('server_key_documents.put', { server_name, document_id, json: text, learned_at: this.#clock.now() });
    for (const { keyId, publicKey, validUntilTs } of keys) {
      const key = { key_id: keyId, public_key: publicKey, valid_until_ts: validUntilTs };
      set.add('server_keys.put', { server_name, ...key, document_id });
    }
    set.add('server_keys.trim', { server_name, keep: this.#keysPerServer });
    set.add('server_key_documents.trim', { server_name });
  }

  async #load(servers: readonly ServerName[]): Promise<ReadonlyMap<ServerName, KeysOfServer>> {
    const overtaken = new Set<ServerName>();
    this.#loads.add(overtaken);
    try {
      const rows = await this.#storage.read((tx) => tx.serverKeys.keysOf(servers));
      const keys = keysIn(rows, servers);
      for (const [server, found] of keys) if (!overtaken.has(server)) this.#cache.set(server, found);
      return keys;
    } finally {
      this.#loads.delete(overtaken);
    }
  }
}

function keysIn(rows: readonly ServerKeyRow[], servers: readonly ServerName[]): ReadonlyMap<ServerName, KeysOfServer> {
  const keys = new Map(servers.map((server) => [server, new Map<string, KnownKey>()]));
  for (const { server_name, key_id, public_key, valid_until_ts } of rows) {
    const key = verifyKeyFromBase64(public_key);
    if (key !== undefined) keys.get(server_name as ServerName)?.set(key_id, { key, validUntilTs: valid_until_ts });
  }
  return keys;
}
