import type { PositionOffset, WriteSet } from '../../storage/contract/write-set.ts';
import type { Room } from './room.ts';

/** Lets the pages of a room go on in a new chunk, if there are any: something is missing before the next event. */
export function openChunk(set: WriteSet, room: Room): void {
  if (room.lastPosition === 0) return;
  const { decided } = room;
  decided.chunk += 1;
  const { chunk } = decided;
  // The position before the event's own, at which what happened in the gap changes the state.
  const first = set.positions as PositionOffset;
  set.add('room_chunks.insert', { room_nid: room.nid, chunk, first_position: first });
  set.onCommitted((committed) => room.putChunk(chunk, committed.position(first)));
}

/** Notes which events are missing before one, and that it is itself missing no more. */
export function addGaps(
  set: WriteSet,
  room: Room,
  eventId: string,
  { chunk, missing }: { readonly chunk: number; readonly missing: readonly string[] },
): void {
  if (room.gaps.has(eventId)) {
    set.add('gaps.delete', { room_nid: room.nid, event_id: eventId });
    set.onCommitted(() => room.gaps.delete(eventId));
  }
  for (const one of missing) {
    set.add('gaps.put', { room_nid: room.nid, event_id: one, chunk });
    set.onCommitted(() => room.gaps.set(one, chunk));
  }
}
