import type { ServiceRecord } from '../../outgoing/name-source.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { parseServerName, type ServerName, type ServerNameParts } from '../../protocol/identifiers/server-name.ts';
import type { Random } from '../../util/random.ts';
import type { Delegations } from './delegations.ts';
import { DEFAULT_PORT, type Destination, type Target } from './destination.ts';
import { orderServices } from './order-services.ts';

/** Where SRV records are looked up. */
export interface ServiceResolver {
  /** @throws OutgoingError if the name servers do not answer. */
  services(name: string): Promise<readonly ServiceRecord[]>;
}

/** The SRV names of a Matrix server: the one of today, then the one from before 2023. */
const SERVICES = ['_matrix-fed._tcp', '_matrix._tcp'] as const;

/**
 * Finds where a server is.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#resolving-server-names
 */
export class ServerDiscovery {
  readonly #delegations: Delegations;
  readonly #resolver: ServiceResolver;
  readonly #random: Random;

  constructor(delegations: Delegations, resolver: ServiceResolver, random: Random) {
    this.#delegations = delegations;
    this.#resolver = resolver;
    this.#random = random;
  }

  /** @throws OutgoingError `name-not-found` if the server says that it cannot be reached at all. */
  async find(serverName: ServerName): Promise<Destination> {
    const parts = partsOf(serverName);
    if (isPlace(parts)) return this.#locate(serverName, parts);
    const delegated = await this.#delegations.get(parts.host);
    return delegated === undefined ? this.#locate(serverName, parts) : this.#locate(delegated, partsOf(delegated));
  }

  /** The server could not be reached where it was found: what may have changed is looked up again next time. */
  doubt(serverName: ServerName): void {
    const parts = partsOf(serverName);
    if (!isPlace(parts)) this.#delegations.doubt(parts.host);
  }

  /** `name` is what `Host` says, and its host what the certificate is for, wherever the server turns out to be. */
  async #locate(name: ServerName, parts: ServerNameParts): Promise<Destination> {
    const here = { host: parts.host, port: parts.port ?? DEFAULT_PORT };
    const targets = isPlace(parts) ? [here] : ((await this.#targets(parts.host)) ?? [here]);
    return { targets, hostHeader: name, certificateName: parts.host };
  }

  async #targets(host: string): Promise<readonly Target[] | undefined> {
    for (const service of SERVICES) {
      const records = await this.#services(`${service}.${host}`);
      if (records.length === 0) continue;
      const targets = orderServices(records, this.#random).filter(({ name }) => name !== '' && name !== '.');
      if (targets.length > 0) return targets.map(({ name, port }) => ({ host: name, port }));
      throw new OutgoingError('name-not-found', host, 'says that it has no Matrix server');
    }
    return undefined;
  }

  /** Name servers that do not answer are taken for such that know no service: the server may be at its name. */
  async #services(name: string): Promise<readonly ServiceRecord[]> {
    try {
      return await this.#resolver.services(name);
    } catch (error) {
      if (error instanceof OutgoingError) return [];
      throw error;
    }
  }
}

/** Whether the name says where to connect, so that nobody is asked. */
function isPlace(parts: ServerNameParts): boolean {
  return parts.kind !== 'dns' || parts.port !== undefined;
}

function partsOf(serverName: ServerName): ServerNameParts {
  const parts = parseServerName(serverName);
  if (parts === undefined) throw new TypeError(`not a server name: ${JSON.stringify(serverName)}`);
  return parts;
}
