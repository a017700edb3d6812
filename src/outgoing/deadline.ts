import type { Clock } from '../util/clock.ts';
import { OutgoingError } from './outgoing-error.ts';

/** The end of a request's time: by the clock, or because whoever asked does not want it any more. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #failed: Promise<never>;
  readonly #stop: () => void;

  constructor(options: {
    readonly clock: Clock;
    readonly ms: number;
    /** For the message. */
    readonly host: string;
    readonly signal?: AbortSignal | undefined;
  }) {
    const { clock, ms, host, signal } = options;
    const fail = (error: OutgoingError) => this.#controller.abort(error);
    const cancelTimer = clock.after(ms, () => fail(new OutgoingError('timeout', host, `no answer within ${ms} ms`)));
    const onAbort = () => fail(new OutgoingError('aborted', host, 'not wanted any more'));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#stop = () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
    };
    this.#failed = new Promise<never>((_, reject) => {
      this.#controller.signal.addEventListener('abort', () => reject(this.#controller.signal.reason), { once: true });
    });
    // Nobody may be waiting when it fires.
    this.#failed.catch(() => undefined);
    if (signal?.aborted) onAbort();
  }

  /** Fires with an {@link OutgoingError} as its reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What `work` answers, unless the time is over before. */
  async race<T>(work: Promise<T>): Promise<T> {
    if (this.signal.aborted) throw this.signal.reason;
    return Promise.race([work, this.#failed]);
  }

  /** The request has ended. */
  end(): void {
    this.#stop();
  }
}
