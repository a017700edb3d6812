export interface ConcurrencyLimits {
  /** Jobs that run at the same time. */
  readonly running: number;
  /** Jobs that may wait for their turn. */
  readonly waiting: number;
}

/** Runs so many jobs at once; others wait for their turn, first come first served. */
export class LimitedConcurrency {
  private readonly limits: ConcurrencyLimits;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(limits: ConcurrencyLimits) {
    this.limits = limits;
  }

  /** Throws what `tooMany` makes if too many jobs wait already. */
  async run<T>(job: () => Promise<T>, tooMany: () => Error): Promise<T> {
    if (this.running >= this.limits.running) {
      if (this.waiting.length >= this.limits.waiting) throw tooMany();
      // Whoever ends hands over its place, so that `running` stays as it is.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await job();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
