import type { NoticeBoard } from '../events.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Waiters } from './waiters.ts';

interface WakeSources {
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  readonly deviceLists: {
    /** Whether members of the room see each other's devices. */
    reaches(room: Room): boolean;
  };
}

/** Wakes those who wait for what a notice tells of. A room's members are read from memory, and only those who wait. */
export function wakeOnNotices(notices: NoticeBoard, waiters: Waiters, sources: WakeSources): void {
  const { rooms, userRooms, deviceLists } = sources;
  const wakeRoom = ({ roomId }: { roomId: string }): void => {
    const room = rooms.peek(roomId);
    if (room) waiters.wakeAll(room.joinedMembers());
  };
  const wakeUser = ({ userId }: { userId: string }): void => waiters.wake(userId);
  notices.on('timeline', wakeRoom);
  notices.on('typing', wakeRoom);
  notices.on('receipt', wakeRoom);
  notices.on('roomFull', wakeRoom);
  notices.on('membership', wakeUser);
  notices.on('accountData', wakeUser);
  notices.on('toDevice', wakeUser);
  notices.on('keyCounts', wakeUser);
  const wakeContacts = (userId: string, isConcerned: (room: Room) => boolean): void => {
    waiters.wake(userId);
    if (waiters.waitingUsers === 0) return;
    const known = userRooms.peek(userId);
    const wake = (all: Iterable<{ membership: string; roomId: string }>): void => {
      for (const { membership, roomId } of all) {
        const room = membership === 'join' ? rooms.peek(roomId) : undefined;
        if (room && isConcerned(room)) waiters.wakeAll(room.joinedMembers());
      }
    };
    if (known) wake(known.values());
    // If the database fails, whoever reads next meets the same trouble and reports it.
    else
      void userRooms
        .of(userId)
        .then((all) => wake(all.values()))
        .catch(() => undefined);
  };
  notices.on('deviceList', ({ userId, seenBy }) => {
    if (seenBy === undefined) wakeContacts(userId, (room) => deviceLists.reaches(room));
    else waiters.wake(seenBy);
  });
  notices.on('presence', ({ userId }) => wakeContacts(userId, () => true));
}
