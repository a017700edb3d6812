/** Somebody who waits for news of a user. */
export interface Waiter {
  /** Resolves at the next news since the waiter was made, at once if there were some; or when it is cancelled. */
  readonly news: () => Promise<void>;
  /** Forgets what has come until now: the next {@link news} is of what comes after. */
  reset(): void;
  /** Lets go of the waiter: it gets no more news. */
  cancel(): void;
  readonly isCancelled: boolean;
}

/**
 * Who waits for news. A waiter is registered before the first computation, so that nothing falls between the two.
 */
export class Waiters {
  private readonly users = new Map<string, Set<Waiting>>();
  private readonly maxPerUser: number;

  constructor(maxPerUser: number) {
    this.maxPerUser = maxPerUser;
  }

  /** Users for whom somebody waits. */
  get waitingUsers(): number {
    return this.users.size;
  }

  /** Registers a waiter; beyond the bound, the user's oldest is let go. */
  add(userId: string): Waiter {
    const waiting = new Waiting(() => this.remove(userId, waiting));
    let known = this.users.get(userId);
    if (!known) {
      known = new Set();
      this.users.set(userId, known);
    }
    if (known.size >= this.maxPerUser) known.values().next().value?.cancel();
    // The oldest may have been the only one, and have taken the set with it.
    if (known.size === 0) this.users.set(userId, known);
    known.add(waiting);
    return waiting;
  }

  wake(userId: string): void {
    const known = this.users.get(userId);
    if (known) for (const waiting of known) waiting.wake();
  }

  /** Wakes those of `users` who wait: the work goes by the smaller of the two crowds. */
  wakeAll(users: ReadonlySet<string>): void {
    if (users.size < this.users.size) for (const userId of users) this.wake(userId);
    else for (const userId of this.users.keys()) if (users.has(userId)) this.wake(userId);
  }

  wakeEverybody(): void {
    for (const userId of [...this.users.keys()]) this.wake(userId);
  }

  private remove(userId: string, waiting: Waiting): void {
    const known = this.users.get(userId);
    known?.delete(waiting);
    if (known?.size === 0) this.users.delete(userId);
  }
}

class Waiting implements Waiter {
  isCancelled = false;
  private hasNews = false;
  private resolve: (() => void) | undefined;
  private readonly removed: () => void;

  constructor(removed: () => void) {
    this.removed = removed;
  }

  readonly news = (): Promise<void> => {
    if (this.hasNews || this.isCancelled) return Promise.resolve();
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  };

  reset(): void {
    this.hasNews = false;
  }

  wake(): void {
    this.hasNews = true;
    this.resolve?.();
    this.resolve = undefined;
  }

  cancel(): void {
    this.isCancelled = true;
    this.removed();
    this.wake();
  }
}
