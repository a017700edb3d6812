import { isEventId } from '../../protocol/identifiers/event-id.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/**
 * The events with these ids that are of the room; what is in memory is not read again. Ids that others chose need not be
 * ids at all.
 */
export async function eventsById(
  { storage, events }: { readonly storage: Storage; readonly events: EventCache },
  room: Room,
  eventIds: readonly string[],
): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  const missing: string[] = [];
  for (const eventId of eventIds) {
    const known = events.peekById(eventId);
    if (known) found.push(known);
    else if (isEventId(eventId)) missing.push(eventId);
  }
  if (missing.length > 0) {
    const rows = await storage.read((tx) => tx.events.byIds(missing));
    for (const row of rows) if (row.room_nid === room.nid) found.push(events.ofRow(row, room.id));
  }
  return found.filter((event) => event.roomNid === room.nid);
}
