import type { JsonObject } from '../protocol/json.ts';

/** An event as far as a change of state is told. */
export interface CurrentStateEvent {
  /** Parsed when it is looked at. */
  readonly content: JsonObject;
  /** The membership that it sets, if it is a member event: known without parsing it again. */
  readonly membership: string | undefined;
}

/**
 * Typed after-commit notices: how a lower service tells a higher one that something durable (or, for typing and
 * presence, something in memory) has changed. Delivered synchronously, in commit order; listeners must not throw and
 * must not do work that grows with a room's members.
 */
export interface Notices {
  /** An event entered a room's timeline. */
  timeline: { roomId: string; roomNid: number; eventNid: number; position: number };
  /**
   * An event that other servers of the room are to get is durable. `departed` has left with it and gets it, too; if there
   * is a `recipient`, nobody else does.
   */
  outgoingEvent: {
    roomId: string;
    position: number;
    origin: string;
    departed: string | undefined;
    recipient?: string;
  };
  /** EDUs for other servers have been stored: for one, or for those that a look at the position shows. */
  outgoingEdu: { position: number; server: string | undefined };
  /** A local user's membership of a room changed. */
  membership: {
    roomId: string;
    roomNid: number;
    userId: string;
    membership: string;
    eventNid: number;
    position: number;
    /** For invites and knocks: a JSON array. */
    strippedState: string | undefined;
  };
  /** A room's current state changed under one key: anybody's membership, local or not, for instance. */
  currentState: {
    roomId: string;
    roomNid: number;
    type: string;
    stateKey: string;
    before: CurrentStateEvent | undefined;
    after: CurrentStateEvent | undefined;
    position: number;
  };
  /** This server has joined a room without being told of all of its members. */
  roomPartial: { roomId: string };
  /** All of the state of such a room is here, or this server has left it. */
  roomFull: { roomId: string; position: number };
  /** An event from before this server took part in its room was fetched. */
  oldEvent: { eventNid: number };
  /** Messages of a room whose time was over were deleted; of each there was a `redaction` before. */
  purge: { roomId: string };
  /** An event was pruned. */
  redaction: { roomId: string; eventId: string };
  /** Account data of a user (of a room if `roomId` is there) changed; push rules too. */
  accountData: {
    userId: string;
    roomId: string | undefined;
    type: string;
    /** As it is stored: JSON text. */
    content: string;
    position: number;
  };
  receipt: {
    roomId: string;
    userId: string;
    receiptType: string;
    eventId: string;
    /** '' if it is for no thread in particular. */
    threadId: string;
    ts: number;
    position: number;
  };
  typing: { roomId: string };
  /** Somebody begins, goes on, or ceases to type. */
  userTyping: { roomId: string; userId: string; isTyping: boolean };
  presence: { userId: string };
  /** A message waits for a device. */
  toDevice: { userId: string; deviceId: string; position: number };
  /** A user's devices, their keys or cross-signing keys changed: whoever shares a room sees it in `device_lists`. */
  deviceList: { userId: string; position: number /** Only this user sees it, if given. */; seenBy: string | undefined };
  /** The number of one-time keys, or the fallback keys, of a device changed. */
  keyCounts: { userId: string; deviceId: string };
  /** A user's display name or avatar changed. */
  profile: { userId: string };
  /** A device was deleted or its session ended: what belongs to it goes too. */
  deviceDeleted: { userId: string; deviceId: string };
  /** Whether an account is an administrator's, suspended or locked has changed, or it was deactivated. */
  account: { userId: string };
  /** The roles that somebody has in another application are others than at the login before. */
  roles: { userId: string };
  /** Users have used devices of theirs since the last time. */
  seen: { userIds: readonly string[] };
  /** An account was deactivated: who leaves its rooms then calls `Accounts.departed`. */
  accountDeactivated: { userId: string; erase: boolean };
}

export type NoticeName = keyof Notices;

/** Where notices are published and listened to. */
export class NoticeBoard {
  private readonly listeners = new Map<NoticeName, ((notice: never) => void)[]>();

  on<K extends NoticeName>(name: K, listener: (notice: Notices[K]) => void): void {
    const known = this.listeners.get(name);
    if (known) known.push(listener);
    else this.listeners.set(name, [listener]);
  }

  publish<K extends NoticeName>(name: K, notice: Notices[K]): void {
    for (const listener of this.listeners.get(name) ?? []) (listener as (notice: Notices[K]) => void)(notice);
  }
}
