import type { Clock } from '../../util/clock.ts';
import type { Patience } from './media.ts';

const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_TIMEOUT_MS = 60_000;

/** One who may have to wait for a file. */
export interface UploadWaiter {
  /** Whether the file came in time: since this waiter was added, or before its patience ends. */
  uploaded(patience: Patience): Promise<boolean>;
  end(): void;
}

/** Those who have asked for files that are not uploaded yet. */
export class UploadWaiters {
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** A file is there now. */
  tell(mediaId: string): void {
    for (const tell of this.waiting.get(mediaId) ?? []) tell();
  }

  /** To be called before looking whether the file is there, so that nothing falls between. */
  add(mediaId: string): UploadWaiter {
    let tell: () => void = () => undefined;
    const told = new Promise<true>((resolve) => {
      tell = () => resolve(true);
    });
    const waiters = this.waiting.get(mediaId) ?? new Set();
    this.waiting.set(mediaId, waiters.add(tell));
    return {
      uploaded: (patience) => this.inTime(told, patience),
      end: () => {
        waiters.delete(tell);
        if (waiters.size === 0) this.waiting.delete(mediaId);
      },
    };
  }

  private async inTime(told: Promise<true>, { timeoutMs, signal }: Patience): Promise<boolean> {
    let giveUp: () => void = () => undefined;
    const tooLate = new Promise<false>((resolve) => {
      giveUp = () => resolve(false);
    });
    const cancel = this.clock.after(Math.min(timeoutMs ?? DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS), giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted || timeoutMs === 0) giveUp();
    try {
      return await Promise.race([told, tooLate]);
    } finally {
      cancel();
      signal.removeEventListener('abort', giveUp);
    }
  }
}
