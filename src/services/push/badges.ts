import { Lru } from '../../util/lru.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RoomPositions } from '../timeline/room-positions.ts';
import type { RoomUnreadCounts } from '../unread/unread-tally.ts';

export interface BadgesParts {
  readonly userRooms: UserRooms;
  readonly rooms: RoomCache;
  readonly positions: RoomPositions;
  readonly unread: { counts(userId: string, room: Room): Promise<RoomUnreadCounts> };
  /** Users whose counts are kept in memory. */
  readonly users: number;
}

interface Known {
  readonly asOf: number;
  readonly rooms: ReadonlyMap<string, number>;
}

/** How many messages users have not read, over all of their rooms: only rooms that have moved are counted again. */
export class Badges {
  private readonly parts: BadgesParts;
  private readonly known: Lru<string, Known>;

  constructor(parts: BadgesParts) {
    this.parts = parts;
    this.known = new Lru({ max: parts.users });
  }

  /** @param head the stream position that the count is to be of, or a later one */
  async of(userId: string, head: number): Promise<number> {
    const { userRooms, rooms, positions, unread } = this.parts;
    const joined = [...(await userRooms.of(userId)).values()].filter(({ membership }) => membership === 'join');
    await positions.load(joined);
    const before = this.known.get(userId);
    const counts = new Map<string, number>();
    for (const { roomId } of joined) {
      const known = before?.rooms.get(roomId);
      const isCurrent = before !== undefined && positions.movedSince(roomId, before.asOf) === false;
      if (known !== undefined && isCurrent) {
        counts.set(roomId, known);
        continue;
      }
      const room = await rooms.get(roomId);
      if (room) counts.set(roomId, sum(await unread.counts(userId, room)));
    }
    this.known.set(userId, { asOf: head, rooms: counts });
    return [...counts.values()].reduce((total, count) => total + count, 0);
  }
}

function sum({ notification_count: main, threads }: RoomUnreadCounts): number {
  let total = main;
  for (const thread of threads.values()) total += thread.notification_count;
  return total;
}
