import { type OwnRulesReach, ownRulesReach } from '../../protocol/push-rules/customisations.ts';
import { customisationsIn } from './push-rules-content.ts';

/** A room, as far as the index asks about it. */
export interface RoomWithMembers {
  readonly id: string;
  readonly joinedCount: number;
  isJoined(userId: string): boolean;
  joinedMembers(): Iterable<string>;
}

/** Which users have rules of their own, and in which rooms those may matter. */
export class OwnRulesIndex {
  private readonly reaches = new Map<string, OwnRulesReach>();
  private readonly everywhere = new Set<string>();
  private readonly byRoom = new Map<string, Set<string>>();

  /** Tells what is stored for a user now. */
  put(userId: string, stored: string): void {
    this.remove(userId);
    const reach = ownRulesReach(customisationsIn(stored));
    if (!reach.everywhere && reach.rooms.size === 0) return;
    this.reaches.set(userId, reach);
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

  /** Whether events of the room may be otherwise for this user than under the default rules. */
  has(userId: string, roomId: string): boolean {
    return this.everywhere.has(userId) || (this.byRoom.get(roomId)?.has(userId) ?? false);
  }

  /** The user has no rules of their own any more. */
  remove(userId: string): void {
    for (const roomId of this.reaches.get(userId)?.rooms ?? []) {
      const users = this.byRoom.get(roomId);
      users?.delete(userId);
      if (users?.size === 0) this.byRoom.delete(roomId);
    }
    this.reaches.delete(userId);
    this.everywhere.delete(userId);
  }
}
