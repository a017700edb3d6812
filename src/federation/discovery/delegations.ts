import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import { MOST_LIFETIME_MS } from './cache-lifetime.ts';
import type { DelegationSource } from './well-known-client.ts';

/** The first failure is believed for a minute, each that follows twice as long, up to an hour. */
const FIRST_FAILURE_MS = 60_000;
const LONGEST_FAILURE_MS = 3_600_000;

/** What is known of a host. */
interface Known {
  /** Where its server is; undefined if there is no delegation. */
  readonly to: ServerName | undefined;
  /** When to ask again. */
  readonly until: number;
  /** When the delegation was learned. */
  readonly learnedAt: number;
  /** Answers without a delegation in a row. */
  readonly failures: number;
}

/**
 * The delegations of hosts, remembered as the specification recommends. While a host that had one fails to answer, the
 * last one holds for up to 48 hours.
 */
export class Delegations {
  readonly #source: DelegationSource;
  readonly #clock: Clock;
  readonly #known: Lru<string, Known>;
  readonly #asking = new Map<string, Promise<Known>>();

  constructor(source: DelegationSource, options: { readonly clock: Clock; readonly maxEntries: number }) {
    this.#source = source;
    this.#clock = options.clock;
    this.#known = new Lru({ max: options.maxEntries });
  }

  /** The server to which `host` delegates, if any. */
  async get(host: string): Promise<ServerName | undefined> {
    const key = host.toLowerCase();
    const known = this.#known.get(key);
    if (known !== undefined && known.until > this.#clock.now()) return known.to;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#ask(key, known).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return (await asking).to;
  }

  /** The server could not be reached: its host is asked again, unless it has just been. */
  doubt(host: string): void {
    const key = host.toLowerCase();
    const known = this.#known.peek(key);
    if (known?.to === undefined) return;
    const until = Math.min(known.until, known.learnedAt + FIRST_FAILURE_MS);
    this.#known.set(key, { ...known, until });
  }

  async #ask(host: string, before: Known | undefined): Promise<Known> {
    const answer = await this.#source.ask(host);
    const now = this.#clock.now();
    const known: Known =
      answer.kind === 'delegated'
        ? { to: answer.to, until: now + answer.lifetimeMs, learnedAt: now, failures: 0 }
        : withoutAnswer(answer.kind === 'failed' ? before : undefined, before?.failures ?? 0, now);
    this.#known.set(host, known);
    return known;
  }
}

function withoutAnswer(lastGood: Known | undefined, failures: number, now: number): Known {
  const wait = Math.min(LONGEST_FAILURE_MS, FIRST_FAILURE_MS * 2 ** Math.min(failures, 20));
  const endsAt = (lastGood?.learnedAt ?? 0) + MOST_LIFETIME_MS;
  const stillHolds = lastGood?.to !== undefined && endsAt > now;
  return {
    to: stillHolds ? lastGood.to : undefined,
    until: stillHolds ? Math.min(now + wait, endsAt) : now + wait,
    learnedAt: lastGood?.learnedAt ?? 0,
    failures: failures + 1,
  };
}
