import { MatrixError } from '../../protocol/errors.ts';
import { relationIn } from '../../protocol/events/relations.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';

/**
 * Nobody starts a thread from an event that itself relates to another.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#validation-of-mthread-relationships
 * @throws 400 M_UNKNOWN
 */
export async function refuseNestedThread(events: EventCache, room: Room, rootId: string): Promise<void> {
  const root = await events.byId(rootId, room);
  if (root && root.stateKey === undefined && relationIn(root.content)) {
    throw new MatrixError('M_UNKNOWN', 'A thread cannot start from an event that relates to another', { status: 400 });
  }
}
