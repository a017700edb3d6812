import { Worker } from 'node:worker_threads';

/** A worker thread that answers messages one by one, in order. */
export class Thread<Request, Reply> {
  private readonly worker: Worker;
  private readonly waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  private failure: Error | undefined;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>;

  /** @param youngMb megabytes of short-lived objects before they are collected */
  constructor(url: URL, workerData: unknown, youngMb = 8) {
    this.worker = new Worker(url, { workerData, resourceLimits: { maxYoungGenerationSizeMb: youngMb } });
    this.worker.on('message', (reply: Reply) => this.waiting.shift()?.resolve(reply));
    this.worker.on('error', (error) => this.fail(error instanceof Error ? error : new Error(String(error))));
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.fail(new Error('the thread has ended'));
        resolve();
      });
    });
    this.worker.unref();
  }

  /** How many requests wait for an answer. */
  get load(): number {
    return this.waiting.length;
  }

  /** Whether it can answer no more; another must be started. */
  get isBroken(): boolean {
    return this.failure !== undefined;
  }

  /** Rejects when the thread ends without an answer. */
  ask(request: Request): Promise<Reply> {
    if (this.failure) return Promise.reject(this.failure);
    // While something is asked the process stays alive.
    if (this.waiting.length === 0) this.worker.ref();
    return new Promise<Reply>((resolve, reject) => {
      this.worker.postMessage(request);
      this.waiting.push({ resolve, reject });
    }).finally(() => {
      if (this.waiting.length === 0) this.worker.unref();
    });
  }

  /** Posts a last message, after which the thread ends by itself. */
  async end(request: Request): Promise<void> {
    if (this.failure) return;
    this.worker.ref();
    this.worker.postMessage(request);
    await this.ended;
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const waiter of this.waiting.splice(0)) waiter.reject(error);
  }
}
