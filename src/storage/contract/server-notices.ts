export interface ServerNoticeStore {
  /** The room in which a user was last told something. */
  roomOf(userId: string): Promise<{ room_id: string } | undefined>;
}

declare module './write-set.ts' {
  interface Mutations {
    'server_notice_rooms.put': { user_id: string; room_id: string };
  }
}
