import type { PagePoint } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** Fetches what is missing in the history of rooms. */
export interface PagesBefore {
  /** Whether events were added before those of a chunk. */
  extend(room: Room, chunk: number): Promise<boolean>;
}

/** How often one page asks for what is missing. */
const MOST_ROUNDS = 5;

/** Reads the pages of rooms: from memory what is there, the rest from storage. */
export class EventPages {
  private readonly storage: Storage;
  private readonly events: EventCache;

  private readonly backfill: PagesBefore | undefined;

  /** @param backfill without it, what is missing stays so */
  constructor(storage: Storage, events: EventCache, backfill?: PagesBefore) {
    this.storage = storage;
    this.events = events;
    this.backfill = backfill;
  }

  /**
   * As {@link backwards}; what is missing on the way is asked for. What cannot be had is passed over. Fewer than `limit`
   * means that there are no more.
   */
  async backwardsOverGaps(room: Room, point: PagePoint, limit: number): Promise<StoredEvent[]> {
    const found: StoredEvent[] = [];
    let at = point;
    for (let round = 0; ; round++) {
      const read = await this.backwards(room, at, limit - found.length);
      const gap = gapIn(room, at, read, limit - found.length);
      if (!gap) return [...found, ...read];
      found.push(...read.slice(0, gap.after));
      const isFilled = round < MOST_ROUNDS && (await this.backfill?.extend(room, gap.chunk));
      if (!isFilled) return [...found, ...read.slice(gap.after)];
      const last = found.at(-1);
      at = last ? { chunk: last.chunk, index: last.chunkIndex - 1 } : at;
    }
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

/** Where a page, newest first, steps over something that is missing: the number of events up to there. */
function gapIn(
  room: Room,
  point: PagePoint,
  read: readonly StoredEvent[],
  limit: number,
): { readonly chunk: number; readonly after: number } | undefined {
  if (room.gaps.size === 0) return undefined;
  let { chunk } = point;
  for (const [after, event] of read.entries()) {
    if (event.chunk !== chunk && room.hasGap(chunk)) return { chunk, after };
    chunk = event.chunk;
  }
  return read.length < limit && room.hasGap(chunk) ? { chunk, after: read.length } : undefined;
}
