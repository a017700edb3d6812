/** The open sessions, by channel and by user: for what concerns one person, and for when a channel or an account changes. */
import { CLOSE, type CloseCode } from '../../hub/sockets/close-codes.ts';

/** A session as others see it. */
export interface PersonalSession {
  readonly userId: string | undefined;
  readonly deviceId: string | undefined;
  /** The channel that a key of an overlay opened for it. */
  readonly overlayOf?: string | undefined;
  watches(channelId: string): boolean;
  /** Sends a frame to this viewer alone. */
  tell(text: string): void;
  shut(code: CloseCode): void;
  /** Looks anew whether the viewer may watch, and tells it where it stands. */
  recheck(channelId: string): Promise<void>;
  /** Begins anew with a channel. */
  resubscribe(channelId: string): Promise<void>;
}

/** What viewers are told, ended and looked at anew for, in whatever process they are connected. */
export interface Crowd {
  tell(userId: string, text: string, channelId?: string): void;
  shut(userId: string, code: CloseCode, deviceId?: string): void;
  shutOverlays(channelId: string, code: CloseCode): void;
  shutOut(channelId: string, mayStay: (userId: string | undefined) => boolean): void;
  recheck(userId: string, channelId: string): Promise<void>;
  recheckAll(channelId: string): Promise<void>;
  tellAll(text: string): void;
  resubscribe(channelId: string): Promise<void>;
}

/** Sessions that are looked at anew at a time, where each may have to be asked about. */
const TOGETHER = 200;

/** Those who are connected to this process. */
export class People implements Crowd {
  readonly #sessions = new Set<PersonalSession>();
  readonly #byUser = new Map<string, Set<PersonalSession>>();

  add(session: PersonalSession): void {
    this.#sessions.add(session);
  }

  /** Notes whose session it is. */
  signedIn(userId: string, session: PersonalSession): void {
    const sessions = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, sessions.add(session));
  }

  remove(session: PersonalSession): void {
    this.#sessions.delete(session);
    const { userId } = session;
    if (userId === undefined) return;
    const sessions = this.#byUser.get(userId);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#byUser.delete(userId);
  }

  /** Tells a user something in all sessions that watch the channel, if one is named. */
  tell(userId: string, text: string, channelId?: string): void {
    for (const session of this.#byUser.get(userId) ?? []) {
      if (channelId === undefined || session.watches(channelId)) session.tell(text);
    }
  }

  /** Ends the sessions of a user, or of one of its devices. */
  shut(userId: string, code: CloseCode, deviceId?: string): void {
    for (const session of [...(this.#byUser.get(userId) ?? [])]) {
      if (deviceId === undefined || session.deviceId === deviceId) session.shut(code);
    }
  }

  /** Ends what keys of a channel have opened. */
  shutOverlays(channelId: string, code: CloseCode): void {
    for (const session of [...this.#sessions]) if (session.overlayOf === channelId) session.shut(code);
  }

  /** Ends at once the sessions that watch a channel and may not any more; overlays go by their keys. */
  shutOut(channelId: string, mayStay: (userId: string | undefined) => boolean): void {
    for (const session of [...this.#sessions]) {
      const isMeant = session.watches(channelId) && session.overlayOf !== channelId;
      if (isMeant && !mayStay(session.userId)) session.shut(CLOSE.notViewable);
    }
  }

  /** Has the sessions of a user looked at anew. */
  async recheck(userId: string, channelId: string): Promise<void> {
    const sessions = [...(this.#byUser.get(userId) ?? [])].filter((session) => session.watches(channelId));
    await Promise.all(sessions.map((session) => session.recheck(channelId)));
  }

  /** Has all who watch a channel looked at anew. */
  async recheckAll(channelId: string): Promise<void> {
    const watching = [...this.#sessions].filter((session) => session.watches(channelId));
    // What goes wrong with one must not keep the others where they may not be.
    const look = (session: PersonalSession) => session.recheck(channelId).catch(() => session.shut(CLOSE.internal));
    for (let at = 0; at < watching.length; at += TOGETHER) {
      await Promise.all(watching.slice(at, at + TOGETHER).map(look));
    }
  }

  /** Tells everybody something. */
  tellAll(text: string): void {
    for (const session of this.#sessions) session.tell(text);
  }

  /**
   * Has all who watch a channel begin anew, in the room that it has now. For whom that does not work comes back by
   * itself. @throws AggregateError of why
   */
  async resubscribe(channelId: string): Promise<void> {
    const errors: unknown[] = [];
    for (const session of [...this.#sessions]) {
      if (!session.watches(channelId)) continue;
      try {
        await session.resubscribe(channelId);
      } catch (error) {
        errors.push(error);
        session.shut(CLOSE.internal);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} viewers could not be moved`);
  }
}
