import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';
import type { RoomQueue, RoomTurn } from './room-queue.ts';

/**
 * Does something in a room's turn, with the room as it is in memory then: whoever asked others before may hold one that
 * has been given up meanwhile.
 */
export function inRoom<T>(
  { queue, rooms }: { readonly queue: RoomQueue; readonly rooms: RoomCache },
  roomId: string,
  act: (turn: RoomTurn, room: Room) => Promise<T>,
): Promise<T> {
  return queue.run(roomId, async (turn) => {
    const room = await rooms.get(roomId);
    if (!room) throw new Error(`${roomId} is gone`);
    rooms.pin(room);
    try {
      return await act(turn, room);
    } finally {
      rooms.unpin(room);
    }
  });
}
