import { relationIn } from '../../protocol/events/relations.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** The thread of everything that is in no other. */
export const MAIN_THREAD = 'main';

/** Further than this, relations of relations are not followed. Source: https://spec.matrix.org/v1.19/client-server-api/#threading */
const MAX_HOPS = 3;

/**
 * Whether a receipt for a thread may point at an event: one in the thread, one that relates to such an event (a
 * reaction, say), or its root and what relates to that in other ways, which belong to the main thread as well.
 */
export async function isInThread(
  events: EventCache,
  room: Room,
  event: StoredEvent,
  threadId: string,
): Promise<boolean> {
  if (event.eventId === threadId) return true;
  let current: StoredEvent | undefined = event;
  for (let hop = 0; current && hop <= MAX_HOPS; hop += 1) {
    if (current.threadRoot !== undefined) return current.threadRoot === threadId;
    if (current.eventId === threadId) return true;
    const target: string | undefined = relationIn(current.content)?.eventId;
    current = target === undefined ? undefined : await events.byId(target, room);
  }
  return threadId === MAIN_THREAD;
}
