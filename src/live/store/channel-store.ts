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
  /** JSON: who moderates, as far as the room has followed. */
  readonly moderators: string;
}

/** What ends by itself in a channel. */
export type RunOut = 'shield' | 'pin' | 'session';

export interface RunOutRow {
  readonly channel_id: string;
  readonly what: RunOut;
  readonly ends_at: number;
}

/** What was taken off the screens of a channel, though not out of its room. */
export interface ClearingRow {
  readonly channel_id: string;
  /** Whose messages; '' for all. */
  readonly user_id: string;
  /** Those up to this place of the server's log. */
  readonly place: number;
  readonly cleared_at: number;
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
  runOuts(): Promise<readonly RunOutRow[]>;
  clearings(channelId: string): Promise<readonly ClearingRow[]>;
  /** Whether a user has chatted in a channel before. */
  hasChatted(channelId: string, userId: string): Promise<boolean>;
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
    'live.modRooms.follow': { channel_id: string; moderators: string };
    'live.runOuts.put': RunOutRow;
    'live.runOuts.remove': { channel_id: string; what: RunOut };
    'live.clearings.put': ClearingRow;
    /** Deletes what is older. */
    'live.clearings.trim': { before: number };
    /** Notes that a user has chatted, if that is not known. */
    'live.chatters.note': { channel_id: string; user_id: string; first_at: number };
    'live.chatters.forget': { user_id: string };
    'live.states.put': StateRow;
    'live.sessions.put': SessionRow;
    'live.sessions.remove': { channel_id: string; session_id: string };
  }
}
