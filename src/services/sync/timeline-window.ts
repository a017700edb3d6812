import type { PagePoint } from '../../storage/contract/events.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { SyncSources } from './sources.ts';

/** The newest events of a stretch of a room's timeline. */
export interface TimelineWindow {
  /** Oldest first. */
  readonly events: readonly StoredEvent[];
  /** Whether there are more between the start of the stretch and the first event. */
  readonly limited: boolean;
  /** Where the window starts: events before it can be paged from here. */
  readonly start: PagePoint;
}

export interface WindowOptions {
  /** Stream positions: `after` < position ≤ `upTo`. */
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  readonly wanted: (event: StoredEvent) => boolean;
}

/** Events looked at for one window at most, when a filter lets few of them pass. */
const MAX_SCANNED = 1_000;

/** Gathers the newest wanted events: from memory, and from the database where memory does not reach back far enough. */
export async function timelineWindow(
  { storage, events: cache }: Pick<SyncSources, 'storage' | 'events'>,
  room: Room,
  { after, upTo, limit, wanted }: WindowOptions,
): Promise<TimelineWindow> {
  const picked: StoredEvent[] = [];
  let scanned = 0;
  let oldest = upTo + 1;
  let limited = false;
  let chunk = room.chunkAt(upTo);
  /** Answers whether to go on with older ones. */
  const take = (event: StoredEvent): boolean => {
    if (event.position <= after) return false;
    // Between them something is missing here: it can be paged for.
    if (event.chunk !== chunk && room.hasGap(chunk)) {
      limited = true;
      return false;
    }
    chunk = event.chunk;
    scanned += 1;
    if (picked.length >= limit && wanted(event)) {
      limited = true;
      return false;
    }
    if (wanted(event)) picked.push(event);
    oldest = event.position;
    return true;
  };
  let more = true;
  for (let i = room.recent.length - 1; i >= 0 && more; i--) {
    const event = room.recent[i]!;
    if (event.position <= upTo) more = take(event);
  }
  while (more && room.recentAfter > after && oldest > after + 1) {
    const want = Math.max(limit - picked.length + 1, 20);
    const before = oldest - 1;
    const rows = await storage.read((tx) => tx.events.timelineBackwards(room.nid, after, before, want));
    for (const row of rows) if (more) more = take(cache.ofRow(row, room.id));
    if (rows.length < want) more = false;
    if (more && scanned >= MAX_SCANNED) {
      limited = true;
      more = false;
    }
  }
  picked.reverse();
  const first = limited && scanned >= MAX_SCANNED ? oldest : (picked[0]?.position ?? oldest);
  return { events: picked, limited, start: { chunk, index: Math.max(first - 1, 0) } };
}
