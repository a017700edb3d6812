/** Whom a user may find: those in rooms of theirs, those in rooms open to all as well, or everybody. */
export type DirectoryReach = 'shared' | 'public' | 'everybody';

/** Somebody who is in a room, and the event that says so. */
export interface MemberRow {
  readonly user_id: string;
  readonly event_nid: number;
}

export interface UserDirectoryStore {
  /** Users one of whose words starts with a prefix, as far as `userId` may know of them, who is not among them. */
  search(prefix: Uint8Array, userId: string, max: number, reach: DirectoryReach): Promise<{ user_id: string }[]>;
  /** By which of their member events `userId` may know of each of the users: in rooms of theirs, or in open ones. */
  seenBy(userId: string, userIds: readonly string[], reach: DirectoryReach): Promise<MemberRow[]>;
  /** Users of other servers who are in rooms and have no words. */
  withoutWords(limit: number): Promise<MemberRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'user_directory_words.put': { word: Uint8Array; user_id: string };
    'user_directory_words.deleteOf': { user_id: string };
    /** Anybody may join or read the room. */
    'open_rooms.put': { room_nid: number };
    'open_rooms.delete': { room_nid: number };
  }
}
