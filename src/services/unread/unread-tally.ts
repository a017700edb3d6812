/** What is unread in the main timeline or in a thread. */
export interface UnreadCounts {
  readonly notification_count: number;
  readonly highlight_count: number;
}

/** Counts of the main timeline, and of the threads that have some. */
export interface RoomUnreadCounts extends UnreadCounts {
  readonly threads: ReadonlyMap<string, UnreadCounts>;
}

export const NOTHING_UNREAD: RoomUnreadCounts = { notification_count: 0, highlight_count: 0, threads: new Map() };

/** Up to where a user has read: stream positions. */
export interface ReadUpTo {
  readonly main: number;
  /** At least up to here everything is read, in every thread. */
  readonly earliest: number;
  /** Of a thread by its root. */
  thread(root: string): number;
}

/** An event as far as one user's counts are concerned. */
export interface CountedEvent {
  readonly position: number;
  readonly threadRoot: string | undefined;
  readonly notify: number;
  readonly highlight: number;
}

/**
 * One user's unread events of a room, kept while they are in memory: the counter of the main timeline at the point up to
 * which they have read, what must be taken off or added, and the threads, event by event.
 */
export class UnreadTally {
  private main: number;
  private highlights = 0;
  private readonly threads = new Map<string, { notification_count: number; highlight_count: number }>();
  private readonly read: ReadUpTo;
  private made: RoomUnreadCounts | undefined;

  constructor(read: ReadUpTo) {
    this.read = read;
    this.main = 0;
  }

  /** Adds to the main timeline's count, or with a negative number takes off it. */
  addMain(count: number): void {
    this.main += count;
    this.made = undefined;
  }

  /** Counts an event if it has not been read. */
  add({ position, threadRoot, notify, highlight }: CountedEvent): void {
    if (notify === 0 && highlight === 0) return;
    if (position <= (threadRoot === undefined ? this.read.main : this.read.thread(threadRoot))) return;
    this.made = undefined;
    if (threadRoot === undefined) {
      this.main += notify;
      this.highlights += highlight;
      return;
    }
    const thread = this.threads.get(threadRoot) ?? { notification_count: 0, highlight_count: 0 };
    thread.notification_count += notify;
    thread.highlight_count += highlight;
    this.threads.set(threadRoot, thread);
  }

  /** The same object until something is counted. */
  get counts(): RoomUnreadCounts {
    this.made ??= this.make();
    return this.made;
  }

  private make(): RoomUnreadCounts {
    const threads = new Map<string, UnreadCounts>();
    for (const [root, counts] of this.threads) {
      if (counts.notification_count > 0 || counts.highlight_count > 0) threads.set(root, { ...counts });
    }
    return {
      notification_count: Math.max(0, this.main),
      highlight_count: this.highlights,
      threads,
    };
  }
}
