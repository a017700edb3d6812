import type { PagePoint } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** Reads the pages of rooms: from memory what is there, the rest from storage. */
export class EventPages {
  private readonly storage: Storage;
  private readonly events: EventCache;

  constructor(storage: Storage, events: EventCache) {
    this.storage = storage;
    this.events = events;
  }

  /** Events up to `point`, newest first. Fewer than `limit` means that the room has no more. */
  async backwards(room: Room, point: PagePoint, limit: number): Promise<StoredEvent[]> {
    const found = newestUpTo(room, point, limit);
    if (found.length >= limit || found.at(-1)?.type === 'm.room.create') return found;
    const last = found.at(-1);
    const rest = last ? { chunk: last.chunk, index: last.chunkIndex - 1 } : point;
    const wanted = limit - found.length;
    const nids = await this.storage.read((tx) => tx.events.pageBackwards(room.nid, rest, wanted));
    found.push(...(await this.load(room, nids)));
    return found;
  }

  /** Events after `point`, oldest first, none beyond stream position `upTo`. */
  async forwards(room: Room, point: PagePoint, upTo: number, limit: number): Promise<StoredEvent[]> {
    if (point.chunk === room.liveChunk && point.index >= rememberedFrom(room)) {
      return room.recent.filter((e) => e.position > point.index && e.position <= upTo).slice(0, limit);
    }
    const nids = await this.storage.read((tx) => tx.events.pageForwards(room.nid, point, limit));
    return (await this.load(room, nids)).filter((event) => event.position <= upTo);
  }

  /** Most events of a page are in memory: only their numbers are read then. */
  private async load(room: Room, nids: readonly number[]): Promise<StoredEvent[]> {
    const events = await this.events.byNids(nids, room);
    return nids.map((nid) => events.get(nid)).filter((event) => event !== undefined);
  }
}

/** What a room's newest events have of a page, newest first. */
function newestUpTo(room: Room, point: PagePoint, limit: number): StoredEvent[] {
  const found: StoredEvent[] = [];
  if (point.chunk < room.liveChunk || point.index <= room.recentAfter) return found;
  for (let i = room.recent.length - 1; i >= 0 && found.length < limit; i--) {
    const event = room.recent[i]!;
    if (event.chunk !== room.liveChunk) break;
    if (event.position <= point.index) found.push(event);
  }
  return found;
}

/** The point from which on all of a room's newest chunk is in memory. Older events may have come before those. */
function rememberedFrom(room: Room): number {
  const first = room.recent.find((event) => event.chunk === room.liveChunk);
  return first ? Math.max(room.recentAfter, first.position - 1) : Number.POSITIVE_INFINITY;
}
