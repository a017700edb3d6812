import { redactEvent } from '../../protocol/events/redact-event.ts';
import type { ServerVisibility } from '../history/server-visibility.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/**
 * Events of a room as JSON for a server that is in it: as they are stored, or, where the server may not see what they
 * say, their redacted copies, which tell no more than how the event graph goes on.
 */
export async function shownPdus(
  visibility: ServerVisibility,
  room: Room,
  serverName: string,
  events: readonly StoredEvent[],
): Promise<string[]> {
  const seen = await visibility.filter(room, serverName, events);
  return events.map((event) =>
    seen.has(event) ? event.json : JSON.stringify(redactEvent(event.pdu, room.rules.redaction)),
  );
}
