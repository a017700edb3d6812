/** Which rooms are live rooms. What a room's state says of itself proves nothing: the server's own list does. */
export interface LiveRoom {
  readonly channelId: string;
  readonly roomId: string;
  readonly streamer: string;
}

export interface LiveRooms {
  byRoom(roomId: string): LiveRoom | undefined;
  byChannel(channelId: string): LiveRoom | undefined;
  /** The channel that has moved on from a room. */
  channelOfOld(roomId: string): string | undefined;
  /** The room that a channel was in before, if it is known. */
  roomBefore(channelId: string): string | undefined;
}

/** The list in memory, which whoever keeps it durably fills and changes. */
export class LiveRoomList implements LiveRooms {
  readonly #byRoom = new Map<string, LiveRoom>();
  readonly #byChannel = new Map<string, LiveRoom>();
  /** Rooms that channels had before, by their ids. */
  readonly #old = new Map<string, string>();
  readonly #before = new Map<string, string>();

  add(room: LiveRoom): void {
    this.#byRoom.set(room.roomId, room);
    this.#byChannel.set(room.channelId, room);
  }

  remove(room: LiveRoom): void {
    this.#byRoom.delete(room.roomId);
    // The channel may have moved on to another room.
    if (this.#byChannel.get(room.channelId)?.roomId === room.roomId) this.#byChannel.delete(room.channelId);
  }

  /** Notes a room that a channel has moved on from; the last one last. */
  addOld(roomId: string, channelId: string): void {
    this.#old.set(roomId, channelId);
    this.#before.set(channelId, roomId);
  }

  roomBefore(channelId: string): string | undefined {
    return this.#before.get(channelId);
  }

  channelOfOld(roomId: string): string | undefined {
    return this.#old.get(roomId);
  }

  byRoom(roomId: string): LiveRoom | undefined {
    return this.#byRoom.get(roomId);
  }

  byChannel(channelId: string): LiveRoom | undefined {
    return this.#byChannel.get(channelId);
  }
}
