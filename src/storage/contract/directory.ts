export interface RoomAliasRow {
  readonly alias: string;
  readonly room_nid: number;
  readonly room_id: string;
  /** The user who made it. */
  readonly creator: string;
  readonly created_at: number;
}

export interface DirectoryStore {
  alias(alias: string): Promise<RoomAliasRow | undefined>;
  /** Those of a room, the oldest first. */
  aliasesOf(roomNid: number): Promise<RoomAliasRow[]>;
  /** Current state of these types with an empty state key. */
  stateOfRooms(
    roomNids: readonly number[],
    types: readonly string[],
  ): Promise<{ room_nid: number; type: string; json: string }[]>;
  /** How many are joined to each room; rooms with none are left out. */
  joinedCounts(roomNids: readonly number[]): Promise<{ room_nid: number; count: number }[]>;
}

/** A room in the list of a network that an application service bridges. */
export interface NetworkRoomRow {
  readonly instance_id: string;
  readonly room_nid: number;
}

declare module './write-set.ts' {
  interface Mutations {
    /** An alias that exists is a conflict. */
    'room_aliases.insert': Omit<RoomAliasRow, 'room_id'>;
    /** Gives all aliases of one room to another. */
    'room_aliases.move': { from_room_nid: number; to_room_nid: number };
    /** A conflict if it is not there. */
    'room_aliases.delete': { alias: string };
    'network_rooms.put': NetworkRoomRow;
    'network_rooms.delete': NetworkRoomRow;
  }
}
