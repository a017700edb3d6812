/** Whose membership of a room changed; everybody's, as it were, if the viewer came or went or it became encrypted. */
export interface RoomMovement {
  readonly users: Set<string>;
  everybody: boolean;
}

/** What moved in the rooms of one user, the viewer. */
export class Movements {
  readonly rooms = new Map<string, RoomMovement>();
  private readonly viewer: string;

  constructor(viewer: string) {
    this.viewer = viewer;
  }

  get isEmpty(): boolean {
    return this.rooms.size === 0;
  }

  /** Without `userId`, the room became encrypted. */
  add(roomId: string, userId: string | undefined): void {
    let room = this.rooms.get(roomId);
    if (!room) {
      room = { users: new Set(), everybody: false };
      this.rooms.set(roomId, room);
    }
    if (userId === undefined || userId === this.viewer) room.everybody = true;
    else room.users.add(userId);
  }
}
