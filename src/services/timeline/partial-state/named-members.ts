import { authEventIds } from '../../../protocol/state-resolution/event-lookup.ts';
import type { EventCache } from '../event-cache.ts';
import type { Room } from '../room.ts';
import type { StoredEvent } from '../stored-event.ts';

/**
 * Who sent these events, of those senders whom the room's state does not have because it is not whole: as the last of
 * their events names them. Of a room whose state is whole, nobody.
 */
export async function namedMembers(
  cache: EventCache,
  room: Room,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  if (!room.partial) return [];
  const unknown = new Map<string, StoredEvent>();
  for (const event of events) if (!room.get('m.room.member', event.sender)) unknown.set(event.sender, event);
  const found = await cache.byIds(new Set([...unknown.values()].flatMap(({ pdu }) => authEventIds(pdu))), room);
  return [...unknown].flatMap(([sender, { pdu }]) => {
    const named = authEventIds(pdu).map((id) => found.get(id));
    return named.find((event) => event?.type === 'm.room.member' && event.stateKey === sender) ?? [];
  });
}
