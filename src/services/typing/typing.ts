import { forbidden } from '../../protocol/errors.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { NoticeBoard } from '../events.ts';
import type { RoomCache } from '../timeline/room-cache.ts';

export interface TypingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly limits: {
    /** Users of one room who are shown as typing; others are not shown. */
    readonly typingUsersPerRoom: number;
    /** Rooms whose last change of typing is remembered. */
    readonly typingRooms: number;
  };
}

/** Who types in a room. `serial` is the number of the last change; it grows with every change in any room. */
export interface TypingState {
  readonly userIds: readonly string[];
  readonly serial: number;
}

interface RoomTyping {
  /** By user id, how to cancel what ends their typing. */
  readonly users: Map<string, () => void>;
  state: TypingState;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 120_000;
/** Other servers say again who types, or fall silent. */
const TOLD_TIMEOUT_MS = 60_000;

/**
 * Who is typing. In memory only: after a restart nobody is, and {@link instance} tells tokens of before apart.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#typing-notifications
 */
export class Typing {
  /** Serials are those of this instance; a token that names another knows nothing of them. */
  readonly instance: string;
  /** Number of the last change in any room; 0 before the first. */
  serial = 0;

  private readonly parts: TypingParts;
  /** Ordered by serial: the room that changed longest ago comes first. */
  private readonly rooms = new Map<string, RoomTyping>();
  /** Changes up to this serial may have been forgotten. */
  private forgottenUpTo = 0;

  constructor(parts: TypingParts) {
    this.parts = parts;
    this.instance = parts.random.token(8);
    parts.notices.on('membership', ({ roomId, userId, membership }) => {
      if (membership !== 'join') this.stopIn(roomId, userId);
    });
  }

  /**
   * A user of this server has begun, goes on, or has stopped typing. `timeoutMs` is capped at two minutes.
   * @throws 403 `M_FORBIDDEN` outside the room
   */
  async set(userId: string, roomId: string, isTyping: boolean, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    const room = await this.parts.rooms.get(roomId);
    if (!room?.isJoined(userId)) throw forbidden('You are not in this room');
    if (isTyping) this.start(roomId, userId, Math.min(timeoutMs, MAX_TIMEOUT_MS));
    else this.stopIn(roomId, userId);
  }

  /** Another server tells that one of its users, who is in the room, has begun, goes on, or has stopped typing. */
  told(roomId: string, userId: string, isTyping: boolean): void {
    if (isTyping) this.start(roomId, userId, TOLD_TIMEOUT_MS);
    else this.stopIn(roomId, userId);
  }

  /** Who types in a room now; with nobody and serial 0 if nothing is known of it. */
  in(roomId: string): TypingState {
    return this.rooms.get(roomId)?.state ?? { userIds: [], serial: 0 };
  }

  /** Who types in a room now, if that may have changed after a serial of this instance. */
  changedSince(roomId: string, since: number): TypingState | undefined {
    const room = this.rooms.get(roomId);
    if (room) return room.state.serial > since ? room.state : undefined;
    return since < this.forgottenUpTo ? { userIds: [], serial: this.forgottenUpTo } : undefined;
  }

  /** Ends all timers. */
  stop(): void {
    for (const { users } of this.rooms.values()) for (const cancel of users.values()) cancel();
    this.rooms.clear();
  }

  private start(roomId: string, userId: string, timeoutMs: number): void {
    let room = this.rooms.get(roomId);
    if (!room) {
      room = { users: new Map(), state: { userIds: [], serial: 0 } };
      this.rooms.set(roomId, room);
    }
    const cancel = room.users.get(userId);
    if (!cancel && room.users.size >= this.parts.limits.typingUsersPerRoom) return;
    cancel?.();
    room.users.set(
      userId,
      this.parts.clock.after(timeoutMs, () => this.stopIn(roomId, userId)),
    );
    // Whoever goes on typing changes nothing for others.
    if (!cancel) this.changed(roomId, room);
    this.parts.notices.publish('userTyping', { roomId, userId, isTyping: true });
  }

  /** Somebody has stopped typing, sent what was typed, or left. */
  stopIn(roomId: string, userId: string): void {
    const room = this.rooms.get(roomId);
    const cancel = room?.users.get(userId);
    if (!room || !cancel) return;
    cancel();
    room.users.delete(userId);
    this.changed(roomId, room);
    this.parts.notices.publish('userTyping', { roomId, userId, isTyping: false });
  }

  private changed(roomId: string, room: RoomTyping): void {
    this.serial += 1;
    room.state = { userIds: [...room.users.keys()], serial: this.serial };
    this.rooms.delete(roomId);
    this.rooms.set(roomId, room);
    this.forgetOldest();
    this.parts.notices.publish('typing', { roomId });
  }

  private forgetOldest(): void {
    for (const [roomId, room] of this.rooms) {
      if (this.rooms.size <= this.parts.limits.typingRooms) return;
      for (const cancel of room.users.values()) cancel();
      this.rooms.delete(roomId);
      this.forgottenUpTo = room.state.serial;
    }
  }
}
