import type { Storage } from '../../storage/contract/storage.ts';
import type { CompiledRoomEventFilter } from '../filters/compiled-filter.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { HistoryVisibility } from './history-visibility.ts';

/** Whom users do not want to hear of. */
export interface IgnoredUsers {
  ignoredUsers(userId: string): ReadonlySet<string> | Promise<ReadonlySet<string>>;
}

/** Leaves of events what a user may see and wants to see. */
export class EventSieve {
  private readonly storage: Storage;
  private readonly visibility: HistoryVisibility;
  private readonly ignored: IgnoredUsers;

  constructor(storage: Storage, visibility: HistoryVisibility, ignored: IgnoredUsers) {
    this.storage = storage;
    this.visibility = visibility;
    this.ignored = ignored;
  }

  async sift(
    room: Room,
    userId: string,
    events: readonly StoredEvent[],
    compiled: CompiledRoomEventFilter,
  ): Promise<readonly StoredEvent[]> {
    let left = await this.withoutIgnored(userId, events);
    if (choosesEvents(compiled)) {
      left = left.filter((e) => compiled.passes(e.type, e.sender, Object.hasOwn(e.content, 'url')));
    }
    left = await this.relatedBy(room, left, compiled);
    return this.visibility.filter(room, userId, left);
  }

  /** What a user may see and is not of somebody they ignore. */
  async visible(room: Room, userId: string, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    return this.visibility.filter(room, userId, await this.withoutIgnored(userId, events));
  }

  /** State is shown whoever set it. */
  private async withoutIgnored(userId: string, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const ignored = await this.ignored.ignoredUsers(userId);
    if (ignored.size === 0) return events;
    return events.filter((event) => event.stateKey !== undefined || !ignored.has(event.sender));
  }

  private async relatedBy(
    room: Room,
    events: readonly StoredEvent[],
    { filter }: CompiledRoomEventFilter,
  ): Promise<readonly StoredEvent[]> {
    const { related_by_senders: senders, related_by_rel_types: relTypes } = filter;
    if ((!senders && !relTypes) || events.length === 0) return events;
    const ids = events.map((event) => event.eventId);
    const rows = await this.storage.read((tx) => tx.events.relationSenders(room.nid, ids));
    const related = new Set<string>();
    for (const row of rows) {
      if (senders && !senders.includes(row.sender)) continue;
      if (relTypes && !relTypes.includes(row.rel_type)) continue;
      related.add(row.relates_to);
    }
    return events.filter((event) => related.has(event.eventId));
  }
}

/** Whether the filter looks at events at all, and not only at how they come. */
function choosesEvents({ filter }: CompiledRoomEventFilter): boolean {
  return (
    filter.types !== undefined ||
    filter.not_types !== undefined ||
    filter.senders !== undefined ||
    filter.not_senders !== undefined ||
    filter.contains_url !== undefined
  );
}
