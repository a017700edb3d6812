import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** What is in a thread beside its root. */
export interface ThreadSummary {
  readonly count: number;
  readonly latest: StoredEvent;
}

/** The threads of rooms, summed up: kept in memory, for a thread may have tens of thousands of events. */
export class Threads {
  private readonly storage: Storage;
  private readonly events: EventCache;
  private readonly summaries: Lru<string, ThreadSummary>;
  private readonly participants: Lru<string, boolean>;
  /** Grows with every change, so that what was read before it is not kept. */
  private changes = 0;

  constructor(storage: Storage, events: EventCache, notices: NoticeBoard, limits: { threads: number }) {
    this.storage = storage;
    this.events = events;
    this.summaries = new Lru({ max: limits.threads });
    this.participants = new Lru({ max: limits.threads });
    notices.on('timeline', ({ eventNid }) => this.added(events.peek(eventNid)));
    notices.on('oldEvent', ({ eventNid }) => this.addedBefore(events.peek(eventNid)));
    notices.on('redaction', ({ eventId }) => this.redacted(events.peekById(eventId)));
  }

  /** Those of the roots that have a thread, without the events of `ignored` senders. */
  async of(
    room: Room,
    roots: readonly string[],
    ignored: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, ThreadSummary>> {
    const found = new Map<string, ThreadSummary>();
    const missing: string[] = [];
    for (const root of roots) {
      const known = ignored.size === 0 ? this.summaries.get(root) : undefined;
      if (known) found.set(root, known);
      else missing.push(root);
    }
    if (missing.length === 0) return found;
    const { changes } = this;
    const rows = await this.storage.readHeavy((tx) => tx.relations.threadSummaries(room.nid, missing, [...ignored]));
    for (const row of rows) {
      const summary = { count: row.count, latest: this.events.ofRow(row, room.id) };
      found.set(row.thread_root!, summary);
      if (ignored.size === 0 && changes === this.changes) this.summaries.set(row.thread_root!, summary);
    }
    return found;
  }

  /** In which of these threads the user has written; whoever sent the root has, too. */
  async participated(room: Room, userId: string, roots: readonly StoredEvent[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const missing: string[] = [];
    for (const { eventId, sender } of roots) {
      const known = sender === userId || this.participants.get(participantKey(eventId, userId));
      if (known) found.add(eventId);
      else if (known === undefined) missing.push(eventId);
    }
    if (missing.length === 0) return found;
    const { changes } = this;
    const rows = await this.storage.readHeavy((tx) => tx.relations.threadsWithSender(room.nid, missing, userId));
    const written = new Set(rows.map((row) => row.thread_root));
    for (const root of missing) {
      if (written.has(root)) found.add(root);
      if (changes === this.changes) this.participants.set(participantKey(root, userId), written.has(root));
    }
    return found;
  }

  private added(event: StoredEvent | undefined): void {
    const root = event?.threadRoot;
    if (!event || root === undefined) return;
    this.changes += 1;
    const known = this.summaries.get(root);
    // What was read after the commit and before this notice has counted it already.
    if (known && known.latest.position < event.position) {
      this.summaries.set(root, { count: known.count + 1, latest: event });
    }
    this.participants.set(participantKey(root, event.sender), true);
  }

  /** Of the past: there may be more of it than was counted. */
  private addedBefore(event: StoredEvent | undefined): void {
    const root = event?.threadRoot;
    if (!event || root === undefined) return;
    this.changes += 1;
    this.summaries.delete(root);
    this.participants.set(participantKey(root, event.sender), true);
  }

  private redacted(event: StoredEvent | undefined): void {
    if (event && event.threadRoot === undefined) return;
    this.changes += 1;
    if (event?.threadRoot === undefined) {
      // Which thread it was in is not known any more.
      this.summaries.clear();
      this.participants.clear();
      return;
    }
    this.summaries.delete(event.threadRoot);
    this.participants.delete(participantKey(event.threadRoot, event.sender));
  }
}

function participantKey(root: string, userId: string): string {
  return `${root}\0${userId}`;
}
