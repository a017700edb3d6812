import type { NoticeBoard } from '../events.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Waiters } from './waiters.ts';

/** Wakes those who wait for what a notice tells of. A room's members are read from memory, and only those who wait. */
export function wakeOnNotices(notices: NoticeBoard, waiters: Waiters, rooms: RoomCache, userRooms: UserRooms): void {
  const wakeRoom = ({ roomId }: { roomId: string }): void => {
    const room = rooms.peek(roomId);
    if (room) waiters.wakeAll(room.joinedMembers());
  };
  const wakeUser = ({ userId }: { userId: string }): void => waiters.wake(userId);
  notices.on('timeline', wakeRoom);
  notices.on('typing', wakeRoom);
  notices.on('receipt', wakeRoom);
  notices.on('membership', wakeUser);
  notices.on('accountData', wakeUser);
  notices.on('toDevice', wakeUser);
  notices.on('keyCounts', wakeUser);
  const wakeContacts = ({ userId }: { userId: string }): void => {
    waiters.wake(userId);
    if (waiters.waitingUsers === 0) return;
    const known = userRooms.peek(userId);
    const wake = (all: Iterable<{ membership: string; roomId: string }>): void => {
      for (const userRoom of all) if (userRoom.membership === 'join') wakeRoom(userRoom);
    };
    if (known) wake(known.values());
    // If the database fails, whoever reads next meets the same trouble and reports it.
    else
      void userRooms
        .of(userId)
        .then((all) => wake(all.values()))
        .catch(() => undefined);
  };
  notices.on('deviceList', wakeContacts);
  notices.on('presence', wakeContacts);
}
