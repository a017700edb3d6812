import { promises as dns } from 'node:dns';
import { LimitedConcurrency } from '../util/limited-concurrency.ts';
import type { HostsFile } from './hosts-file.ts';
import type { Found, NameSource, ServiceRecord } from './name-source.ts';
import { OutgoingError } from './outgoing-error.ts';

const TTL_MS = 60_000;
const ABSENT_TTL_MS = 30_000;

/**
 * Names as this machine knows them: its hosts file, then its name servers, and for what is in neither the C library,
 * which knows search domains (short names inside a cluster) and other sources. That one takes a thread of the few that
 * also read files, so it is asked last and by two at a time.
 */
export class SystemNames implements NameSource {
  readonly #hosts: HostsFile;
  readonly #servers: NameSource;
  readonly #lookups = new LimitedConcurrency({ running: 2, waiting: 100 });

  constructor(hosts: HostsFile, servers: NameSource) {
    this.#hosts = hosts;
    this.#servers = servers;
  }

  async addresses(host: string): Promise<Found<string>> {
    const own = await this.#hosts.addresses(host);
    if (own !== undefined) return { values: own, ttlMs: 0 };
    const found = await this.#servers.addresses(host);
    return found.values.length > 0 ? found : this.#lookUp(host);
  }

  services(name: string): Promise<Found<ServiceRecord>> {
    return this.#servers.services(name);
  }

  async #lookUp(host: string): Promise<Found<string>> {
    const tooMany = () => new OutgoingError('name-failed', host, 'too many names are being looked up');
    try {
      const found = await this.#lookups.run(() => dns.lookup(host, { all: true, order: 'verbatim' }), tooMany);
      return { values: found.map(({ address }) => address), ttlMs: TTL_MS };
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'ENOTFOUND') return { values: [], ttlMs: ABSENT_TTL_MS };
      if (error instanceof OutgoingError) throw error;
      throw new OutgoingError('name-failed', host, 'this machine cannot look the name up', { cause: error });
    }
  }
}
