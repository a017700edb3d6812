import type { PositionOffset, WriteSet } from '../../../storage/contract/write-set.ts';
import type { NoticeBoard } from '../../events.ts';
import { decidedMembers } from '../outgoing-events.ts';
import type { PartialState, Room } from '../room.ts';
import type { StoredEvent } from '../stored-event.ts';

/** How this server came into a room without being told of all members. */
export interface PartialEntry {
  /** The server that let it in. */
  readonly origin: string;
  /** Other servers that are said to be in the room. */
  readonly servers: readonly string[];
}

interface Notified {
  readonly notices: NoticeBoard;
}

/** Adds to the entry into a room that not all of its state is here. The servers said to be in it get its events. */
export function beginPartial(
  { notices }: Notified,
  set: WriteSet,
  room: Room,
  { event, position, entry }: { event: StoredEvent; position: PositionOffset; entry: PartialEntry },
): void {
  const { origin, servers } = entry;
  const { nid: room_nid, id: roomId } = room;
  const partial: PartialState = { joinNid: event.nid, origin, servers, nextPlace: 2 };
  const names = JSON.stringify(servers);
  set.add('partial_rooms.put', {
    ...{ room_nid, join_nid: event.nid, origin, servers: names, attempts: 0, retry_at: 0, full_at: null },
  });
  set.add('partial_events.insert', { room_nid, place: 1, event_nid: event.nid });
  for (const server of servers) set.add('room_servers.arrive', { room_nid, server, position });
  set.onCommitted(() => {
    room.setPartial(partial);
    room.fullAt = 0;
    notices.publish('roomPartial', { roomId });
  });
}

/**
 * Adds that the state of a room is whole, or that nobody needs it any more. Of the servers that were said to be in it,
 * those without members are not.
 */
export function endPartial(
  { notices }: Notified,
  set: WriteSet,
  room: Room,
  position: PositionOffset,
  { isFull }: { isFull: boolean },
): void {
  const { nid: room_nid, id: roomId } = room;
  for (const server of room.partial?.servers ?? []) {
    if (decidedMembers(room, server) === 1) set.add('room_servers.depart', { room_nid, server, position });
  }
  set.add('partial_events.deleteOf', { room_nid });
  if (isFull) set.add('partial_rooms.full', { room_nid, full_at: position });
  else set.add('partial_rooms.delete', { room_nid });
  set.onCommitted((committed) => {
    const at = committed.position(position);
    room.setPartial(undefined);
    room.fullAt = isFull ? at : 0;
    notices.publish('roomFull', { roomId, position: at });
  });
}
