import { hash, parseOptions, verify } from '@node-rs/argon2';
import { limitExceeded } from '../../protocol/errors.ts';

export interface HashSettings {
  /** Bytes. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  /** Hashes computed at the same time. */
  readonly concurrency: number;
  /** How many more may wait; beyond, 429. */
  readonly queue: number;
}

const RETRY_MS = 2_000;

/** Computes argon2id hashes in PHC form, off the event loop, a few at a time. */
export class PasswordHasher {
  readonly #settings: HashSettings;
  readonly #options: { memoryCost: number; timeCost: number; parallelism: number };
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #ofNobody: Promise<string> | undefined;

  constructor(settings: HashSettings) {
    this.#settings = settings;
    const { memory, passes, parallelism } = settings;
    // argon2 wants at least 8 KiB for each lane.
    const memoryCost = Math.max(8 * parallelism, Math.ceil(memory / 1024));
    this.#options = { memoryCost, timeCost: passes, parallelism };
  }

  /** @throws 429 `M_LIMIT_EXCEEDED` if too many wait. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, this.#options));
  }

  /** Without a hash, for nobody has this name or no password, it takes the same time and is false. */
  async verify(password: string, phc: string | null | undefined): Promise<boolean> {
    const known = phc ?? (await this.#hashOfNobody());
    const matches = await this.#inTurn(() => verify(known, password));
    return matches && typeof phc === 'string';
  }

  /** Whether a hash was made with other parameters than are configured now. */
  isOutdated(phc: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(phc);
    const now = this.#options;
    return memoryCost !== now.memoryCost || timeCost !== now.timeCost || parallelism !== now.parallelism;
  }

  #hashOfNobody(): Promise<string> {
    this.#ofNobody ??= hash('nobody', this.#options);
    return this.#ofNobody;
  }

  async #inTurn<T>(compute: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#settings.concurrency) {
      if (this.#waiting.length >= this.#settings.queue) throw limitExceeded(RETRY_MS, 'Too many people are logging in');
      await new Promise<void>((ready) => this.#waiting.push(ready));
    } else {
      this.#running += 1;
    }
    try {
      return await compute();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
