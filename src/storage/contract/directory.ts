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
}

declare module './write-set.ts' {
  interface Mutations {
    /** An alias that exists is a conflict. */
    'room_aliases.insert': Omit<RoomAliasRow, 'room_id'>;
    /** A conflict if it is not there. */
    'room_aliases.delete': { alias: string };
  }
}
