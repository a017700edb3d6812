export interface KeyBackupRow {
  readonly user_id: string;
  readonly version: number;
  readonly algorithm: string;
  /** JSON of the object that the algorithm defines. */
  readonly auth_data: string;
  /** Grows with every change of the keys. */
  readonly etag: number;
  readonly key_count: number;
  /** 1 once deleted: the number is not used again. */
  readonly deleted: number;
}

/** The key of one session. */
export interface BackedUpSessionRow {
  readonly user_id: string;
  readonly version: number;
  readonly room_id: string;
  readonly session_id: string;
  readonly first_message_index: number;
  readonly forwarded_count: number;
  readonly is_verified: number;
  /** JSON of the object that the algorithm defines. */
  readonly session_data: string;
}

export interface KeyBackupStore {
  /** Of one user, the newest first, deleted ones too. */
  versions(userId: string): Promise<KeyBackupRow[]>;
  /** The next `limit` after a room and session, in their order; from the beginning after `''` and `''`. */
  page(
    userId: string,
    version: number,
    after: { readonly roomId: string; readonly sessionId: string },
    limit: number,
  ): Promise<BackedUpSessionRow[]>;
  /** The same within one room. */
  pageOfRoom(
    userId: string,
    version: number,
    after: { readonly roomId: string; readonly sessionId: string },
    limit: number,
  ): Promise<BackedUpSessionRow[]>;
  countInRoom(userId: string, version: number, roomId: string): Promise<number>;
  session(userId: string, version: number, roomId: string, sessionId: string): Promise<BackedUpSessionRow | undefined>;
  sessionsInRoom(
    userId: string,
    version: number,
    roomId: string,
    sessionIds: readonly string[],
  ): Promise<BackedUpSessionRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** A conflict if the version is there already. */
    'key_backups.insert': KeyBackupRow;
    /** A conflict unless it exists. */
    'key_backups.setAuthData': { user_id: string; version: number; auth_data: string };
    /** Sets etag and count of a version that still has the etag `expected`; a conflict otherwise. */
    'key_backups.count': { user_id: string; version: number; expected: number; etag: number; key_count: number };
    /** A conflict unless it exists. */
    'key_backups.delete': { user_id: string; version: number };
    'key_backups.deleteOf': { user_id: string };
    'key_backup_sessions.deleteOf': { user_id: string };
    'key_backup_sessions.put': BackedUpSessionRow;
    'key_backup_sessions.delete': { user_id: string; version: number; room_id: string; session_id: string };
    'key_backup_sessions.deleteOfRoom': { user_id: string; version: number; room_id: string };
    'key_backup_sessions.deleteOfVersion': { user_id: string; version: number };
  }
}
