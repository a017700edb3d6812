import type { Found, NameSource, ServiceRecord } from '../../src/outgoing/name-source.ts';
import { OutgoingError } from '../../src/outgoing/outgoing-error.ts';

/** The names of a test: what is not in the table does not exist, `fails` is a name server that does not answer. */
export class TestNames implements NameSource {
  readonly #addresses = new Map<string, readonly string[] | 'fails'>();
  readonly #services = new Map<string, readonly ServiceRecord[] | 'fails'>();
  /** Every question so far. */
  readonly asked: string[] = [];
  ttlMs = 60_000;

  address(host: string, ...addresses: readonly string[]): this {
    this.#addresses.set(host, addresses);
    return this;
  }

  service(name: string, ...records: readonly ServiceRecord[]): this {
    this.#services.set(name, records);
    return this;
  }

  fails(name: string): this {
    this.#addresses.set(name, 'fails');
    this.#services.set(name, 'fails');
    return this;
  }

  async addresses(host: string): Promise<Found<string>> {
    return this.#find(this.#addresses, host);
  }

  async services(name: string): Promise<Found<ServiceRecord>> {
    return this.#find(this.#services, name);
  }

  #find<T>(table: ReadonlyMap<string, readonly T[] | 'fails'>, name: string): Found<T> {
    this.asked.push(name);
    const values = table.get(name) ?? [];
    if (values === 'fails') throw new OutgoingError('name-failed', name, 'the name servers do not tell the address');
    return { values, ttlMs: this.ttlMs };
  }
}
