import type { BuiltEvent } from '../../protocol/events/build-event.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { RoomDraft } from './create-event.ts';
import type { EventDraft } from './event-template.ts';
import { addEvent, type WriteDependencies } from './event-writes.ts';
import type { NotificationPlanner } from './notification-plan.ts';
import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';
import type { RoomTurn } from './room-queue.ts';

export interface FoundingDependencies extends WriteDependencies {
  readonly rooms: RoomCache;
  readonly notifications: NotificationPlanner;
}

/**
 * Begins a room with its create event, and lets `append` add the events that follow to the same write set.
 * @returns undefined if there is such a room already
 */
export async function foundRoom<T>(
  d: FoundingDependencies,
  turn: RoomTurn,
  draft: RoomDraft,
  create: BuiltEvent,
  append: (turn: RoomTurn, room: Room, drafts: readonly EventDraft[], options: { set: WriteSet }) => Promise<T>,
): Promise<{ room: Room; appended: T } | undefined> {
  const { rooms, storage, notifications } = d;
  if (await rooms.get(create.roomId)) return undefined;
  const row = {
    room_nid: storage.nextNid('room'),
    room_id: create.roomId,
    version: draft.rules.version,
    is_public: draft.isPublic ? 1 : 0,
    created_at: create.pdu.origin_server_ts,
  };
  const room = rooms.create(row);
  const set = new WriteSet().add('rooms.insert', row);
  draft.also?.(set, room);
  rooms.pin(room);
  try {
    addEvent(d, set, room, create, notifications.plan(room, create.pdu));
    // The create event may have had to move into the next millisecond, and is the first nevertheless.
    const { origin_server_ts: originServerTs } = create.pdu;
    const following = draft.following(room.id).map((next) => ({ originServerTs, ...next }));
    const appended = await append(turn, room, following, { set });
    return { room, appended };
  } catch (error) {
    rooms.evict(room);
    throw error;
  } finally {
    rooms.unpin(room);
  }
}
