import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import type { Found, NameSource, ServiceRecord } from './name-source.ts';
import { OutgoingError } from './outgoing-error.ts';

/** What says that a name or record is not there, as opposed to a name server that fails. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** For answers without a time of their own: SRV records, of which Node does not tell it, and absent names. */
const DEFAULT_TTL_MS = 300_000;
const ABSENT_TTL_MS = 30_000;
const ABSENT_RECORD = { values: [], ttlMs: ABSENT_TTL_MS } as const;
const MAX_RECORDS = 32;

export interface DnsSettings {
  /** For one try of one name server; there are two tries. */
  readonly dnsTimeout: number;
  /** `address:port` of the name servers; those of the machine if left out. */
  readonly servers?: readonly string[];
}

/** The name servers of the machine, asked without its threads. */
export class DnsNames implements NameSource {
  readonly #resolver: dns.Resolver;

  constructor(settings: DnsSettings) {
    this.#resolver = new dns.Resolver({ timeout: settings.dnsTimeout, tries: 2 });
    if (settings.servers !== undefined) this.#resolver.setServers(settings.servers);
  }

  async addresses(host: string): Promise<Found<string>> {
    const answers = await Promise.allSettled([
      this.#resolver.resolve6(host, { ttl: true }),
      this.#resolver.resolve4(host, { ttl: true }),
    ]);
    const records = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const failure = answers.find((answer) => answer.status === 'rejected' && !isAbsent(answer.reason));
    if (records.length === 0 && failure?.status === 'rejected') throw failed(host, failure.reason);
    if (records.length === 0) return ABSENT_RECORD;
    const values = records.map(({ address }) => address).filter((address) => isIP(address) !== 0);
    return {
      values: values.slice(0, MAX_RECORDS),
      ttlMs: 1000 * records.reduce((least, { ttl }) => Math.min(least, ttl), Number.POSITIVE_INFINITY),
    };
  }

  async services(name: string): Promise<Found<ServiceRecord>> {
    try {
      const records = await this.#resolver.resolveSrv(name);
      return { values: records.slice(0, MAX_RECORDS), ttlMs: DEFAULT_TTL_MS };
    } catch (error) {
      if (isAbsent(error)) return ABSENT_RECORD;
      throw failed(name, error);
    }
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

function isAbsent(error: unknown): boolean {
  return ABSENT.has(codeOf(error));
}

function failed(name: string, cause: unknown): OutgoingError {
  return new OutgoingError('name-failed', name, `the name servers do not tell the address (${codeOf(cause)})`, {
    cause,
  });
}
