/** Polls, appeals, keys of overlays and the replay: the contract. Times are milliseconds since the epoch. */

export interface PollRow {
  /** The event that began it. */
  readonly poll_id: string;
  readonly channel_id: string;
  readonly room_id: string;
  readonly by_user: string;
  /** JSON of `{question, answers}`. */
  readonly content: string;
  /** JSON of the votes for each answer, once it is over. */
  readonly answers: string;
  readonly started_at: number;
  readonly ends_at: number;
  readonly ended_at: number | null;
}

export interface VoteRow {
  readonly poll_id: string;
  readonly user_id: string;
  /** JSON of the indices of the answers. */
  readonly answers: string;
  readonly voted_at: number;
}

export type RequestState = 'open' | 'approved' | 'denied';

export interface UnbanRequestRow {
  readonly request_id: string;
  readonly channel_id: string;
  readonly user_id: string;
  readonly message: string;
  readonly state: RequestState;
  readonly by_user: string | null;
  readonly answer: string | null;
  readonly created_at: number;
  readonly decided_at: number | null;
}

export interface OverlayKeyRow {
  readonly key_hash: string;
  readonly channel_id: string;
  readonly by_user: string;
  readonly created_at: number;
  readonly expires_at: number;
}

/** A moment of a session, as its replay shows it. */
export interface MomentRow {
  readonly session_id: string;
  /** Milliseconds after the start, by this server's clock. */
  readonly offset_ms: number;
  /** Where it is in the log; orders those of the same millisecond. */
  readonly place: number;
  /** The event, or a name that nothing else has. */
  readonly entry_id: string;
  readonly channel_id: string;
  readonly kind: string;
  /** JSON of the fields. */
  readonly fields: string;
  readonly said_at: number;
  /** Who has said it; null for what moderators and the server do. */
  readonly user_id: string | null;
  /** 1: said while only members might watch. */
  readonly for_members: number;
}

/** How many watched half a minute of a session. */
export interface HeatRow {
  readonly channel_id: string;
  readonly session_id: string;
  readonly bucket: number;
  readonly viewers: number;
  readonly noted_at: number;
}

export interface ExtrasStore {
  openPolls(): Promise<readonly PollRow[]>;
  votes(pollId: string): Promise<readonly VoteRow[]>;
  unbanRequest(requestId: string): Promise<UnbanRequestRow | undefined>;
  /** Oldest first. */
  unbanRequests(channelId: string, state: RequestState, limit: number): Promise<readonly UnbanRequestRow[]>;
  /** The newest of a user. */
  ownUnbanRequest(channelId: string, userId: string): Promise<UnbanRequestRow | undefined>;
  overlayKey(hash: string, now: number): Promise<OverlayKeyRow | undefined>;
  overlayKeys(channelId: string, now: number): Promise<readonly OverlayKeyRow[]>;
  moments(sessionId: string, from: number, to: number, limit: number): Promise<readonly MomentRow[]>;
  /** What is kept of an event: once for each session. */
  momentsOfEvent(eventId: string): Promise<readonly MomentRow[]>;
  viewersBy(sessionId: string): Promise<readonly Pick<HeatRow, 'bucket' | 'viewers'>[]>;
  /** Messages of each half minute of a session, as all see them or members, too (`forMembers` 1). */
  messagesBy(
    sessionId: string,
    forMembers: number,
  ): Promise<readonly { readonly bucket: number; readonly messages: number }[]>;
  /** Events of a room whose ids begin so: two at most. */
  eventsNamed(roomNid: number, name: string): Promise<readonly string[]>;
  /** Some of what a user has said. */
  momentsOf(userId: string, limit: number): Promise<readonly Pick<MomentRow, 'entry_id'>[]>;
  /** The newest of what a user has said in a room and is there, among its last `looked` events. */
  saidBy(roomNid: number, userId: string, looked: number, limit: number): Promise<readonly string[]>;
  /** Who has sent messages since `since`, milliseconds by the senders' clocks, among the last `looked` events. */
  speakers(roomNid: number, since: number, looked: number): Promise<readonly string[]>;
  /** Local accounts of people, in order, those behind `after`. */
  people(after: string, limit: number): Promise<readonly { readonly user_id: string }[]>;
  /** Devices of those of the users who may use them; a row without one for whoever has none. */
  devicesAmong(userIds: readonly string[]): Promise<readonly { user_id: string; device_id: string | null }[]>;
}

declare module '../../storage/contract/write-set.ts' {
  interface AreaMutations {
    'live.polls.insert': PollRow;
    /** Conflicts if it is over already. */
    'live.polls.end': { poll_id: string; answers: string; ended_at: number };
    'live.votes.put': VoteRow;
    'live.votes.drop': { poll_id: string };
    'live.unbanRequests.insert': UnbanRequestRow;
    /** Conflicts if somebody has decided already. */
    'live.unbanRequests.decide': {
      request_id: string;
      state: RequestState;
      by_user: string;
      answer: string;
      decided_at: number;
    };
    /** Deletes what a user has asked for. */
    'live.unbanRequests.forget': { user_id: string };
    'live.overlayKeys.insert': OverlayKeyRow;
    'live.overlayKeys.revoke': { channel_id: string };
    'live.overlayKeys.expire': { now: number };
    'live.index.put': MomentRow;
    'live.index.removeEvent': { entry_id: string };
    'live.index.removeSession': { channel_id: string; session_id: string };
    'live.index.trim': { before: number };
    'live.heat.put': HeatRow;
    'live.heat.removeSession': { channel_id: string; session_id: string };
    'live.heat.trim': { before: number };
  }
}
