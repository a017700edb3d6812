import type { Storage } from '../../storage/contract/storage.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';

export interface SharedRoomsDependencies {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  readonly limits: { readonly unencryptedMembers: number };
}

/** Who shares rooms with whom, as far as device lists are concerned. */
export class SharedRooms {
  private readonly d: SharedRoomsDependencies;

  constructor(dependencies: SharedRoomsDependencies) {
    this.d = dependencies;
  }

  /**
   * Whether members of the room see each other's devices: in every encrypted one, and in others unless they are large,
   * for nobody encrypts there and every login of a member would be news for all of them.
   */
  counts(room: Room): boolean {
    return room.isEncrypted || room.joinedCount <= this.d.limits.unencryptedMembers;
  }

  /** The rooms that count of a local user. */
  async roomsOf(userId: string): Promise<Room[]> {
    const found: Room[] = [];
    for (const { roomId, membership } of (await this.d.userRooms.of(userId)).values()) {
      const room = membership === 'join' ? await this.d.rooms.get(roomId) : undefined;
      if (room && this.counts(room)) found.push(room);
    }
    return found;
  }

  /** Those of `users` with whom the local user shares a room that counts. */
  async sharing(userId: string, users: ReadonlySet<string>): Promise<Set<string>> {
    const shared = new Set<string>();
    if (users.size === 0) return shared;
    const cold: [roomNid: number, roomId: string][] = [];
    for (const { roomId, roomNid, membership } of (await this.d.userRooms.of(userId)).values()) {
      if (membership !== 'join') continue;
      const room = this.d.rooms.peek(roomId);
      if (room) this.addMembers(shared, users, room);
      else cold.push([roomNid, roomId]);
      if (shared.size === users.size) return shared;
    }
    await this.addFromCold(shared, users, new Map(cold));
    return shared;
  }

  private addMembers(shared: Set<string>, users: ReadonlySet<string>, room: Room): void {
    if (!this.counts(room)) return;
    for (const user of users) if (room.isJoined(user)) shared.add(user);
  }

  /** Rooms that are not in memory are loaded only if one of the users is there whom no other room has shown. */
  private async addFromCold(
    shared: Set<string>,
    users: ReadonlySet<string>,
    rooms: ReadonlyMap<number, string>,
  ): Promise<void> {
    const missing = [...users].filter((user) => !shared.has(user));
    if (missing.length === 0 || rooms.size === 0) return;
    const rows = await this.d.storage.readHeavy((tx) => tx.deviceLists.joinedIn(missing, [...rooms.keys()]));
    for (const row of rows) {
      if (shared.has(row.user_id)) continue;
      const room = await this.d.rooms.get(rooms.get(row.room_nid)!);
      if (room) this.addMembers(shared, users, room);
    }
  }
}
