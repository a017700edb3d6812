import type { Clock } from '../util/clock.ts';
import { Lru } from '../util/lru.ts';
import type { Found, NameSource, ServiceRecord } from './name-source.ts';
import { OutgoingError } from './outgoing-error.ts';

/** Bounds of the time for which an answer is kept, whatever it says: a failure for the least. */
const LEAST_MS = 5_000;
const MOST_MS = 3_600_000;

interface Kept<T> {
  /** Resolves or rejects as the look-up did. */
  readonly answer: Promise<Found<T>>;
  /** Undefined while the answer is awaited. */
  until: number | undefined;
}

class KeptAnswers<T> {
  readonly #kept: Lru<string, Kept<T>>;
  readonly #clock: Clock;

  constructor(max: number, clock: Clock) {
    this.#kept = new Lru({ max });
    this.#clock = clock;
  }

  /** What is kept for `name`, or what `ask` answers: asked once for all who want to know at the same time. */
  async get(name: string, ask: () => Promise<Found<T>>): Promise<readonly T[]> {
    const known = this.#kept.get(name);
    if (known !== undefined && (known.until === undefined || known.until > this.#clock.now())) {
      return (await known.answer).values;
    }
    const kept: Kept<T> = { answer: ask(), until: undefined };
    this.#kept.set(name, kept);
    try {
      const found = await kept.answer;
      kept.until = this.#clock.now() + Math.min(MOST_MS, Math.max(LEAST_MS, found.ttlMs));
      return found.values;
    } catch (error) {
      kept.until = this.#clock.now() + LEAST_MS;
      throw error;
    }
  }
}

/** Looks names up and remembers the answers, a bounded number of them for a bounded time. */
export class NameResolver {
  readonly #source: NameSource;
  readonly #addresses: KeptAnswers<string>;
  readonly #services: KeptAnswers<ServiceRecord>;

  constructor(source: NameSource, options: { readonly maxEntries: number; readonly clock: Clock }) {
    this.#source = source;
    this.#addresses = new KeptAnswers(options.maxEntries, options.clock);
    this.#services = new KeptAnswers(options.maxEntries, options.clock);
  }

  /** The IP addresses of a name: at least one. @throws OutgoingError `name-not-found` or `name-failed` */
  async addresses(host: string): Promise<readonly string[]> {
    const name = host.toLowerCase();
    const values = await this.#addresses.get(name, () => this.#source.addresses(name));
    if (values.length === 0) throw new OutgoingError('name-not-found', host, 'there is no such name');
    return values;
  }

  /** The SRV records of a name, perhaps none. @throws OutgoingError `name-failed` */
  services(name: string): Promise<readonly ServiceRecord[]> {
    const key = name.toLowerCase();
    return this.#services.get(key, () => this.#source.services(key));
  }
}
