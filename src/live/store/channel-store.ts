/** What is kept of channels: the contract. Times are milliseconds since the epoch. */

export interface ChannelRow {
  readonly channel_id: string;
  readonly streamer: string;
  readonly name: string;
  /** The room of the channel now. */
  readonly room_id: string;
  readonly created_at: number;
}

/** How a channel shows itself, as its marker says (`online.beamify.live`). */
export interface StateRow {
  readonly channel_id: string;
  readonly status: string;
  /** JSON. */
  readonly content: string;
  /** 1: the world may not read the room. */
  readonly is_private: number;
  readonly changed_at: number;
}

/** A room that a channel had before. */
export interface OldRoomRow {
  readonly room_id: string;
  readonly channel_id: string;
  readonly left_at: number;
}

/** The private room of a channel's moderators. */
export interface ModRoomRow {
  readonly channel_id: string;
  readonly room_id: string;
  readonly by_user: string;
  readonly created_at: number;
}

export interface SessionRow {
  readonly channel_id: string;
  readonly session_id: string;
  readonly room_id: string;
  readonly title: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  /** 1: only members might watch, at its end if it is over. */
  readonly for_members: number;
}

export interface ChannelStore {
  channels(): Promise<readonly ChannelRow[]>;
  states(): Promise<readonly StateRow[]>;
  oldRooms(): Promise<readonly OldRoomRow[]>;
  modRooms(): Promise<readonly ModRoomRow[]>;
  session(channelId: string, sessionId: string): Promise<SessionRow | undefined>;
  /** Newest first, those that started before `before`. */
  sessions(channelId: string, before: number, limit: number): Promise<readonly SessionRow[]>;
}

declare module '../../storage/contract/write-set.ts' {
  interface AreaMutations {
    /** A channel that is there already is a conflict. */
    'live.channels.insert': ChannelRow;
    /** The channel goes on in another room; conflicts if it is no longer in `from_room`. */
    'live.channels.move': { channel_id: string; from_room: string; room_id: string };
    'live.oldRooms.insert': OldRoomRow;
    /** A channel that has one already is a conflict. */
    'live.modRooms.insert': ModRoomRow;
    'live.modRooms.remove': { channel_id: string };
    'live.states.put': StateRow;
    'live.sessions.put': SessionRow;
  }
}
