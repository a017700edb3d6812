export interface SerialJobsParts<K> {
  /** Does the job of a key; `isStopped` tells it to leave the rest. */
  readonly run: (key: K, isStopped: () => boolean) => Promise<void>;
  readonly onFailure: (error: unknown, key: K) => void;
}

/** Jobs in the background, one after the other. What is added again while it waits is done once. */
export class SerialJobs<K> {
  private readonly parts: SerialJobsParts<K>;
  private readonly waiting = new Set<K>();
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(parts: SerialJobsParts<K>) {
    this.parts = parts;
  }

  /** Begins after the code that is running now, which may be in the midst of a commit. */
  add(key: K): void {
    this.waiting.add(key);
    this.running ??= Promise.resolve().then(() => this.work());
  }

  /** Resolves when there is nothing left to do. */
  async settled(): Promise<void> {
    while (this.running) await this.running;
  }

  /** Begins no other job, and waits for the one that runs. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.settled();
  }

  private async work(): Promise<void> {
    for (const key of this.waiting) {
      this.waiting.delete(key);
      if (this.isStopped) continue;
      try {
        await this.parts.run(key, () => this.isStopped);
      } catch (error) {
        this.parts.onFailure(error, key);
      }
    }
    // In the same breath as the last look at what waits: what is added from now on begins anew.
    this.running = undefined;
  }
}
