/** What is asked of a room about who is in it. */
export interface RoomMembers {
  readonly nid: number;
  isJoined(userId: string): boolean;
}

/** Where rooms are found by their id; undefined for one that this server does not know. */
export interface RoomsByMembers {
  get(roomId: string): Promise<RoomMembers | undefined>;
}
