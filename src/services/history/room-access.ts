import { forbidden } from '../../protocol/errors.ts';
import { historyVisibilityIn } from '../../protocol/events/content-readers.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import { lastLeave, type StateHistories } from './state-histories.ts';

/** How a user may look at a room. */
export interface RoomView {
  readonly room: Room;
  readonly userId: string;
  /** For somebody who has left: the event by which they did. They see the room as it was then, and no further. */
  readonly leftBy: StoredEvent | undefined;
}

/** Lets users look at rooms they are in, were in, or whose history is open to the world. */
export class RoomAccess {
  private readonly rooms: RoomCache;
  private readonly userRooms: UserRooms;
  private readonly histories: StateHistories;

  constructor(rooms: RoomCache, userRooms: UserRooms, histories: StateHistories) {
    this.rooms = rooms;
    this.userRooms = userRooms;
    this.histories = histories;
  }

  /** @throws M_FORBIDDEN, for rooms that there are not too */
  async of(userId: string, roomId: string): Promise<RoomView> {
    const room = await this.rooms.get(roomId);
    if (room?.isJoined(userId)) return { room, userId, leftBy: undefined };
    if (!room) throw notIn();
    if (historyVisibilityIn(room.get('m.room.history_visibility', '')?.content) === 'world_readable') {
      return { room, userId, leftBy: undefined };
    }
    const leftBy = lastLeave(await this.histories.of(room, 'm.room.member', userId));
    if (!leftBy || (await this.userRooms.of(userId)).get(roomId)?.forgotten) throw notIn();
    return { room, userId, leftBy };
  }
}

function notIn() {
  return forbidden('You are not in this room');
}
