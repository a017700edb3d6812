import { isServerKeyId } from '../../protocol/identifiers/key-id.ts';
import { isServerName, type ServerName } from '../../protocol/identifiers/server-name.ts';
import type { KeyLookup } from '../../protocol/signing/verify-event.ts';
import type { KeySource, WantedKey, WantedKeys } from './key-source.ts';
import type { KeysOfServer, KnownKeys } from './known-keys.ts';
import type { OwnKeys } from './own-keys.ts';

export type { WantedKey } from './key-source.ts';

/** Key ids of one server that are looked for at a time; nobody signs with so many. */
const MOST_KEYS_OF_SERVER = 50;

/** The keys of all servers: those that are known, and those that can be had. */
export class KeyRing {
  readonly #own: OwnKeys;
  readonly #known: KnownKeys;
  readonly #sources: readonly KeySource[];

  /** @param sources asked one after the other for what is still missing. */
  constructor(own: OwnKeys, known: KnownKeys, sources: readonly KeySource[]) {
    this.#own = own;
    this.#known = known;
    this.#sources = sources;
  }

  /**
   * The keys that are wanted, as far as they can be had: those that are missing, or were not valid at the time, are
   * asked for. Servers that cannot be reached are no error; whoever verifies finds the key unknown, or expired.
   */
  async lookup(wanted: readonly WantedKey[]): Promise<KeyLookup> {
    const byServer = grouped(wanted, this.#own.serverName);
    const servers = [...byServer.keys()];
    const found = await this.#known.of(servers);
    let lacking = lackingOf(byServer, found);
    for (const source of this.#sources) {
      if (lacking.size === 0) break;
      await source.refresh(lacking);
      for (const [server, keys] of await this.#known.of([...lacking.keys()])) found.set(server, keys);
      lacking = lackingOf(lacking, found);
    }
    return (server, keyId) =>
      server === this.#own.serverName ? this.#own.get(keyId) : found.get(server as ServerName)?.get(keyId);
  }

  /** The same, of keys that are known already: nobody is asked. */
  async lookupKnown(wanted: readonly WantedKey[]): Promise<KeyLookup> {
    const found = await this.#known.of([...grouped(wanted, this.#own.serverName).keys()]);
    return (server, keyId) => found.get(server as ServerName)?.get(keyId);
  }

  /** Learns the present keys of servers, if they have not just been asked. */
  async refresh(servers: readonly ServerName[]): Promise<void> {
    const wanted = new Map(servers.map((server) => [server, new Map<string, number>()]));
    await this.#sources[0]?.refresh(wanted);
  }
}

function grouped(wanted: readonly WantedKey[], ownName: ServerName): Map<ServerName, Map<string, number>> {
  const byServer = new Map<ServerName, Map<string, number>>();
  for (const { server, keyId, validAt } of wanted) {
    if (server === ownName || !isServerName(server) || !isServerKeyId(keyId)) continue;
    const keys = byServer.get(server) ?? new Map<string, number>();
    if (keys.size >= MOST_KEYS_OF_SERVER && !keys.has(keyId)) continue;
    keys.set(keyId, Math.max(validAt, keys.get(keyId) ?? 0));
    byServer.set(server, keys);
  }
  return byServer;
}

function lackingOf(
  wanted: WantedKeys,
  found: ReadonlyMap<ServerName, KeysOfServer>,
): Map<ServerName, Map<string, number>> {
  const lacking = new Map<ServerName, Map<string, number>>();
  for (const [server, keys] of wanted) {
    const known = found.get(server);
    const missing = [...keys].filter(([keyId, validAt]) => (known?.get(keyId)?.validUntilTs ?? -1) < validAt);
    if (missing.length > 0) lacking.set(server, new Map(missing));
  }
  return lacking;
}
