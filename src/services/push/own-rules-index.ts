import { ownRulesReach } from '../../protocol/push-rules/customisations.ts';
import { customisationsIn } from './push-rules-content.ts';

/** A room, as far as the index asks about it. */
export interface RoomWithMembers {
  readonly id: string;
  readonly joinedCount: number;
  isJoined(userId: string): boolean;
  joinedMembers(): Iterable<string>;
}

/** Since when a user's own rules hold, as stream positions: everywhere, and in rooms. */
interface OwnRulesTimes {
  readonly everywhere: number | undefined;
  readonly rooms: ReadonlyMap<string, number>;
}

/** Which users have rules of their own, and in which rooms those may matter. */
export class OwnRulesIndex {
  private readonly times = new Map<string, OwnRulesTimes>();
  private readonly everywhere = new Set<string>();
  private readonly byRoom = new Map<string, Set<string>>();

  /** Tells what is stored for a user now. */
  put(userId: string, stored: string): void {
    this.remove(userId);
    const customisations = customisationsIn(stored);
    const reach = ownRulesReach(customisations);
    if (!reach.everywhere && reach.rooms.size === 0) return;
    const { everywhere, rooms } = customisations.since ?? {};
    const known = new Map(rooms);
    this.times.set(userId, {
      everywhere: reach.everywhere ? (everywhere ?? 0) : undefined,
      rooms: new Map([...reach.rooms].map((roomId) => [roomId, known.get(roomId) ?? 0])),
    });
    if (reach.everywhere) this.everywhere.add(userId);
    for (const roomId of reach.rooms) {
      const users = this.byRoom.get(roomId);
      if (users) users.add(userId);
      else this.byRoom.set(roomId, new Set([userId]));
    }
  }

  /** Joined members of the room for whom events may be otherwise than under the default rules. */
  *usersIn(room: RoomWithMembers): Generator<string> {
    for (const userId of this.byRoom.get(room.id) ?? []) {
      if (!this.everywhere.has(userId) && room.isJoined(userId)) yield userId;
    }
    if (this.everywhere.size < room.joinedCount) {
      for (const userId of this.everywhere) if (room.isJoined(userId)) yield userId;
    } else {
      for (const userId of room.joinedMembers()) if (this.everywhere.has(userId)) yield userId;
    }
  }

  /** From which stream position on events of the room may be otherwise for this user than under the default rules. */
  since(userId: string, roomId: string): number | undefined {
    const times = this.times.get(userId);
    const inRoom = times?.rooms.get(roomId);
    if (times?.everywhere === undefined || inRoom === undefined) return times?.everywhere ?? inRoom;
    return Math.min(times.everywhere, inRoom);
  }

  /** The user has no rules of their own any more. */
  remove(userId: string): void {
    for (const roomId of this.times.get(userId)?.rooms.keys() ?? []) {
      const users = this.byRoom.get(roomId);
      users?.delete(userId);
      if (users?.size === 0) this.byRoom.delete(roomId);
    }
    this.times.delete(userId);
    this.everywhere.delete(userId);
  }
}
