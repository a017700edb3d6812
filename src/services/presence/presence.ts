import { forbidden } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import type { NoticeBoard } from '../events.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import { type PresenceState, UserPresence } from './user-presence.ts';

export interface PresenceParts {
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly userRooms: UserRooms;
  readonly events: EventCache;
  /** Off: nobody is ever told of anybody. */
  readonly enabled: boolean;
  readonly limits: {
    /** Users whose presence is kept; beyond, the one that changed longest ago is forgotten. */
    readonly presenceUsers: number;
  };
}

const STATES: readonly PresenceState[] = ['online', 'unavailable', 'offline'];
/** Characters of a status that are kept of what other servers tell. */
const MOST_STATUS = 1_000;

/** A user's presence changed, or they joined a room: its members see them from now on, and they see its members. */
interface Happening {
  readonly userId: string;
  readonly joined: boolean;
}

/**
 * Who of this server's users is online. In memory only: after a restart, people come back with their next sync.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#presence
 */
export class Presence {
  /** Number of the last change; 0 before the first. Belongs to the same instance as that of typing. */
  serial = 0;

  private readonly parts: PresenceParts;
  /** The one that changed longest ago comes first. */
  private readonly users = new Map<string, UserPresence>();
  /** Whoever is not offline: time may change them. */
  private readonly present = new Set<UserPresence>();
  /** `log[i]` is what happened with serial `logStart + i + 1`. */
  private log: Happening[] = [];
  private logStart = 0;

  constructor(parts: PresenceParts) {
    this.parts = parts;
    if (!parts.enabled) return;
    parts.notices.on('receipt', ({ userId }) => this.active(userId));
    parts.notices.on('timeline', ({ eventNid }) => {
      const sender = parts.events.peek(eventNid)?.sender;
      if (sender !== undefined) this.active(sender);
    });
    parts.notices.on('currentState', ({ type, stateKey, before, after }) => {
      if (type !== 'm.room.member' || after?.membership !== 'join') return;
      if (before?.membership !== 'join') this.record({ userId: stateKey, joined: true });
    });
  }

  /** A device has synced. `offline` says nothing of the user, who does not want to be seen. */
  seen(userId: string, state: PresenceState = 'online', deviceId = ''): void {
    if (!this.parts.enabled || state === 'offline') return;
    const user = this.user(userId);
    user.seen(deviceId, state, this.parts.clock.now());
    this.refresh(user);
  }

  /** A user says whether they are about. An absent `statusMsg` takes back the one before. */
  set(userId: string, deviceId: string | undefined, state: PresenceState, statusMsg: string | undefined): void {
    if (!this.parts.enabled) return;
    const user = this.user(userId);
    user.set(deviceId ?? '', state, statusMsg === '' ? undefined : statusMsg, this.parts.clock.now());
    this.refresh(user);
  }

  /** Another server tells how one of its users is about: the entry of an `m.presence` EDU. */
  async told(userId: string, update: JsonObject): Promise<void> {
    const { status_msg: statusMsg, last_active_ago: ago, currently_active: isActive } = update;
    const state = STATES.find((known) => known === update['presence']);
    if (!this.parts.enabled || state === undefined) return;
    if (!(await this.sharesAny(userId))) return;
    const user = this.user(userId);
    const now = this.parts.clock.now();
    const view = {
      state,
      statusMsg: typeof statusMsg === 'string' && statusMsg !== '' ? statusMsg.slice(0, MOST_STATUS) : undefined,
      currentlyActive: state === 'online' && isActive === true,
    };
    user.told(view, Number.isSafeInteger(ago) ? now - Math.max(0, Number(ago)) : undefined, now);
    this.refresh(user);
  }

  /** What others are told of a user. */
  contentOf(userId: string): JsonObject & { presence: PresenceState } {
    const user = this.users.get(userId);
    return user ? this.content(user) : { presence: 'offline' };
  }

  /** Whoever is not offline, local or not. */
  *presentUsers(): Generator<string> {
    for (const { userId } of this.present) yield userId;
  }

  /** What `requesterId` may know of a user. @throws 403 `M_FORBIDDEN` without a common room */
  async status(requesterId: string, userId: string): Promise<JsonObject> {
    if (requesterId !== userId && !(await this.shareRoom(requesterId, userId))) {
      throw forbidden('You share no room with this user');
    }
    return this.contentOf(userId);
  }

  /**
   * `m.presence` events of those whom `userId` may see and who changed, or came into a common room, after a serial; all
   * who are about, if it is 0.
   */
  async changedSince(userId: string, since: number): Promise<JsonObject[]> {
    const events: JsonObject[] = [];
    for (const other of this.candidates(userId, since)) {
      if (other.userId !== userId && !(await this.shareRoom(userId, other.userId))) continue;
      events.push({ type: 'm.presence', sender: other.userId, content: this.content(other) });
    }
    return events;
  }

  /** Finds out who has become idle or has gone: to be called every few seconds. */
  sweep(): void {
    for (const user of this.present) this.refresh(user);
  }

  /** The user has done something that shows they are there. */
  private active(userId: string): void {
    const user = this.users.get(userId);
    if (!user || user.view.state === 'offline') return;
    user.active(this.parts.clock.now());
    this.refresh(user);
  }

  private user(userId: string): UserPresence {
    const known = this.users.get(userId);
    if (known) return known;
    const user = new UserPresence(userId);
    this.users.set(userId, user);
    this.forgetOldest();
    return user;
  }

  private refresh(user: UserPresence): void {
    if (!user.refresh(this.parts.clock.now())) return;
    if (user.view.state === 'offline') this.present.delete(user);
    else this.present.add(user);
    this.users.delete(user.userId);
    this.users.set(user.userId, user);
    this.record({ userId: user.userId, joined: false });
    this.parts.notices.publish('presence', { userId: user.userId });
  }

  private record(happening: Happening): void {
    this.serial += 1;
    this.log.push(happening);
    const max = this.parts.limits.presenceUsers;
    if (this.log.length <= 2 * max) return;
    this.logStart += max;
    this.log = this.log.slice(max);
  }

  private forgetOldest(): void {
    const max = this.parts.limits.presenceUsers;
    for (const [userId, user] of this.users) {
      if (this.users.size <= max) return;
      this.users.delete(userId);
      this.present.delete(user);
    }
  }

  private *candidates(userId: string, since: number): Generator<UserPresence> {
    const recent = since < this.logStart ? undefined : this.log.slice(since - this.logStart);
    if (since > 0 && recent === undefined) {
      yield* [...this.users.values()];
      return;
    }
    const changed = new Set(recent?.map((happening) => happening.userId));
    const seesOthers = since === 0 || recent?.some((happening) => happening.joined && happening.userId === userId);
    if (seesOthers) yield* [...this.present];
    if (since === 0) return;
    for (const otherId of changed) {
      const user = this.users.get(otherId);
      if (user && !(seesOthers && this.present.has(user))) yield user;
    }
  }

  /** Whether the user is in a room that this server knows. */
  private async sharesAny(userId: string): Promise<boolean> {
    for (const { membership } of (await this.parts.userRooms.of(userId)).values())
      if (membership === 'join') return true;
    return false;
  }

  private async shareRoom(one: string, other: string): Promise<boolean> {
    const [a, b] = await Promise.all([this.parts.userRooms.of(one), this.parts.userRooms.of(other)]);
    const [few, many] = a.size <= b.size ? [a, b] : [b, a];
    for (const [roomId, { membership }] of few) {
      if (membership === 'join' && many.get(roomId)?.membership === 'join') return true;
    }
    return false;
  }

  private content(user: UserPresence): JsonObject & { presence: PresenceState } {
    const { state, statusMsg, currentlyActive } = user.view;
    return {
      presence: state,
      ...(user.lastActiveAt === undefined ? {} : { last_active_ago: this.parts.clock.now() - user.lastActiveAt }),
      ...(statusMsg === undefined ? {} : { status_msg: statusMsg }),
      ...(state === 'offline' ? {} : { currently_active: currentlyActive }),
    };
  }
}
