import type { Storage } from '../../storage/contract/storage.ts';
import type { UserRooms } from './user-rooms.ts';

/** Tells which rooms users have in common. */
export class MutualRooms {
  private readonly storage: Storage;
  private readonly userRooms: UserRooms;

  constructor(storage: Storage, userRooms: UserRooms) {
    this.storage = storage;
    this.userRooms = userRooms;
  }

  /**
   * The ids of the rooms that both users are joined to; `userId` is local, the other may be anybody.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mutual_rooms
   */
  async of(userId: string, other: string): Promise<string[]> {
    const own = await this.userRooms.of(userId);
    const rows = await this.storage.read((tx) => tx.rooms.membershipsOf(other));
    return rows
      .filter((row) => row.membership === 'join' && own.get(row.room_id)?.membership === 'join')
      .map((row) => row.room_id);
  }
}
