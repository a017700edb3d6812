import type { EventCache } from './event-cache.ts';
import type { StoredEvent } from './stored-event.ts';

/** The stored events of a room, with those that a decision is about to add to them. */
export class RoomEvents {
  private readonly events: EventCache;
  private readonly room: { readonly nid: number; readonly id: string };
  private readonly byNid = new Map<number, StoredEvent>();
  private readonly byId = new Map<string, StoredEvent>();

  constructor(events: EventCache, room: { readonly nid: number; readonly id: string }) {
    this.events = events;
    this.room = room;
  }

  add(event: StoredEvent): void {
    this.byNid.set(event.nid, event);
    this.byId.set(event.eventId, event);
  }

  /** Those that are about to be stored, in the order in which they were decided on. */
  get added(): readonly StoredEvent[] {
    return [...this.byNid.values()];
  }

  /** @throws Error if one of them is not stored, which its referrer has made sure of */
  async withNids(nids: Iterable<number>): Promise<Map<number, StoredEvent>> {
    const wanted = [...new Set(nids)];
    const found = await this.events.byNids(
      wanted.filter((nid) => !this.byNid.has(nid)),
      this.room,
    );
    for (const nid of wanted) {
      const event = this.byNid.get(nid) ?? found.get(nid);
      if (!event) throw new Error(`event number ${nid} of ${this.room.id} is not stored`);
      found.set(nid, event);
    }
    return found;
  }

  /** Those that are stored. */
  async withIds(eventIds: Iterable<string>): Promise<Map<string, StoredEvent>> {
    const wanted = [...new Set(eventIds)];
    const found = await this.events.byIds(
      wanted.filter((id) => !this.byId.has(id)),
      this.room,
    );
    for (const id of wanted) {
      const added = this.byId.get(id);
      if (added) found.set(id, added);
    }
    return found;
  }
}
