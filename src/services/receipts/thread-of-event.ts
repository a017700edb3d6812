import { isJsonObject } from '../../protocol/json.ts';
import type { EventRow, EventStore } from '../../storage/contract/events.ts';

/** The thread of everything that is in no other. */
export const MAIN_THREAD = 'main';

/** Further than this, relations of relations are not followed. Source: https://spec.matrix.org/v1.19/client-server-api/#threading */
const MAX_HOPS = 3;

/**
 * Whether a receipt for a thread may point at an event: one in the thread, one that relates to such an event (a
 * reaction, say), or its root, which belongs to the main thread as well.
 */
export async function isInThread(events: EventStore, event: EventRow, threadId: string): Promise<boolean> {
  if (event.event_id === threadId) return true;
  return (await threadOf(events, event)) === threadId;
}

async function threadOf(events: EventStore, event: EventRow): Promise<string> {
  let current: EventRow | undefined = event;
  for (let hop = 0; current && hop <= MAX_HOPS; hop += 1) {
    if (current.thread_root !== null) return current.thread_root;
    const target = relationTarget(current);
    if (target === undefined) break;
    current = await events.byId(target);
    if (current?.room_nid !== event.room_nid) break;
  }
  return MAIN_THREAD;
}

function relationTarget(event: EventRow): string | undefined {
  const pdu: unknown = JSON.parse(event.json);
  const content = isJsonObject(pdu) ? pdu['content'] : undefined;
  const relation = isJsonObject(content) ? content['m.relates_to'] : undefined;
  const target = isJsonObject(relation) ? relation['event_id'] : undefined;
  return typeof target === 'string' ? target : undefined;
}
