import { badJson, badState, cannotLeaveServerNoticeRoom, forbidden, notFound, unknown } from '../../protocol/errors.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import { isRoomId } from '../../protocol/identifiers/room-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { FullStates } from '../timeline/partial-state/full-states.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { changeMember, type MemberDraft, memberDraft, presentMembership } from './change-member.ts';
import type { InvitePermissions } from './invite-permissions.ts';
import type { Joins, Mover } from './joins.ts';
import {
  completedContent,
  joinContent,
  type MemberProfiles,
  memberContent,
  outContent,
  withVoucher,
} from './member-content.ts';
import type { RemoteMembership } from './remote/remote-membership.ts';
import type { UserRooms } from './user-rooms.ts';

export type { Mover };

export interface MembershipParts {
  readonly storage: Storage;
  readonly timeline: Timeline;
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  readonly aliases: {
    /** The room that an alias stands for, and servers that are in it. @throws M_NOT_FOUND */
    find(alias: string): Promise<{ room_id: string; servers: readonly string[] }>;
  };
  readonly profiles: MemberProfiles;
  readonly invitePermissions: InvitePermissions;
  readonly joins: Joins;
  /** Who is in a room has to be known before somebody else's membership is changed. */
  readonly fullStates: FullStates;
  readonly remote: RemoteMembership;
  readonly isLocal: (userId: string) => boolean;
  /** Whose invites cannot be rejected, if there is such a user: the server's own. */
  readonly noticesUser: string | undefined;
}

export interface JoinOptions {
  /** What the membership event is to say beside what the server says: the reason, and whatever clients want. */
  readonly content?: JsonObject;
  /** Servers that may be in the room. */
  readonly via?: readonly string[];
}

export interface KnockOptions {
  readonly reason?: string | undefined;
  /** Servers that may be in the room. */
  readonly via?: readonly string[];
}

/** Memberships of those who wait to come in. */
const WAITING: ReadonlySet<string> = new Set(['invite', 'knock']);
const GONE: ReadonlySet<string | undefined> = new Set(['leave', 'ban', undefined]);

/**
 * Who is in a room, and who is not. Work does not grow with the number of members.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-membership
 */
export class Membership {
  private readonly parts: MembershipParts;

  constructor(parts: MembershipParts) {
    this.parts = parts;
  }

  /** The id of a room by its id or alias. @throws M_NOT_FOUND */
  async roomIdOf(roomIdOrAlias: string): Promise<string> {
    if (isRoomId(roomIdOrAlias)) return roomIdOrAlias;
    return (await this.parts.aliases.find(roomIdOrAlias)).room_id;
  }

  /** The same, with the servers through which it may be reached: those given, and those that the alias brings. */
  async find(roomIdOrAlias: string, via: readonly string[]): Promise<{ roomId: string; via: readonly string[] }> {
    if (isRoomId(roomIdOrAlias)) return { roomId: roomIdOrAlias, via };
    const found = await this.parts.aliases.find(roomIdOrAlias);
    return { roomId: found.room_id, via: [...via, ...found.servers] };
  }

  /** Joins; who is in the room already stays as they are. */
  async join(mover: Mover, roomId: string, { content = {}, via = [] }: JoinOptions = {}): Promise<void> {
    const profile = await this.parts.profiles.memberProfile(mover.userId);
    await this.parts.joins.join(mover, roomId, joinContent(content, profile), via);
  }

  /** @throws M_INVITE_BLOCKED, M_FORBIDDEN */
  async invite(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.parts.fullStates.of(roomId);
    await this.parts.invitePermissions.check(sender, userId);
    const profile = await this.parts.profiles.memberProfile(userId);
    const content = memberContent('invite', profile, { reason });
    if (!this.parts.isLocal(userId)) return this.inviteRemotely(roomId, memberDraft(sender, userId, content));
    await this.changeRoom(roomId, (_room, present) =>
      present(userId) === 'invite' ? undefined : memberDraft(sender, userId, content),
    );
  }

  /**
   * Leaves, rejects an invite or takes back a knock. Who has left already stays as they are.
   * @param isForced whether even server notices can be rejected
   * @throws M_FORBIDDEN; M_CANNOT_LEAVE_SERVER_NOTICE_ROOM
   */
  async leave(userId: string, roomId: string, reason?: string, isForced = false): Promise<void> {
    const known = (await this.parts.userRooms.of(userId)).get(roomId);
    if (known && WAITING.has(known.membership) && !(await this.parts.joins.isResident(roomId))) {
      return this.parts.remote.leaves.leave(userId, known, outContent('leave', reason));
    }
    await this.changeRoom(roomId, (room, present) => {
      const membership = present(userId);
      if (membership === 'leave') return undefined;
      if (membership === undefined) throw forbidden('You are not in this room');
      if (!isForced) this.demandMayLeave(room, userId);
      return memberDraft(userId, userId, outContent('leave', reason));
    });
  }

  /** @throws M_FORBIDDEN, also if the user is not in the room */
  async kick(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.parts.fullStates.of(roomId);
    await this.changeRoom(roomId, (_room, present) => {
      if (GONE.has(present(userId))) throw forbidden(`${userId} is not in this room`);
      return memberDraft(sender, userId, outContent('leave', reason));
    });
  }

  async ban(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.parts.fullStates.of(roomId);
    await this.changeRoom(roomId, () => memberDraft(sender, userId, outContent('ban', reason)));
  }

  /** @throws M_BAD_STATE if the user is not banned */
  async unban(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.parts.fullStates.of(roomId);
    await this.changeRoom(roomId, (_room, present) => {
      if (present(userId) !== 'ban') throw badState(`${userId} is not banned from this room`);
      return memberDraft(sender, userId, outContent('leave', reason));
    });
  }

  /** Asks to be let in. @throws M_FORBIDDEN if the room takes no knocks, or the user is in it already */
  async knock(userId: string, roomId: string, { reason, via = [] }: KnockOptions = {}): Promise<void> {
    const profile = await this.parts.profiles.memberProfile(userId);
    const content = memberContent('knock', profile, { reason });
    if (!(await this.parts.joins.isResident(roomId))) {
      return this.parts.remote.knocks.knock(userId, roomId, via, content);
    }
    await this.changeRoom(roomId, () => memberDraft(userId, userId, content));
  }

  /** Takes a room that was left out of a user's history. @throws M_UNKNOWN 400 if they are still in it */
  async forget(userId: string, roomId: string): Promise<void> {
    const known = (await this.parts.userRooms.of(userId)).get(roomId);
    if (!known) throw notFound('You were never in this room');
    if (!GONE.has(known.membership)) {
      throw unknown('You cannot forget a room before you have left it', { status: 400 });
    }
    if (known.forgotten) return;
    const set = new WriteSet().add('memberships.forget', { user_id: userId, room_nid: known.roomNid, forgotten: 1 });
    set.onCommitted(() => this.parts.userRooms.forgot(userId, roomId));
    await this.parts.storage.commit(set);
  }

  async joinedRooms(userId: string): Promise<string[]> {
    const rooms = await this.parts.userRooms.of(userId);
    return [...rooms.values()].filter((room) => room.membership === 'join').map((room) => room.roomId);
  }

  /**
   * `m.room.member` as a client sets it by itself, with what it says of name and avatar.
   * @throws M_BAD_JSON for a membership that there is not
   */
  async set(mover: Mover, roomId: string, userId: string, content: JsonObject): Promise<StoredEvent> {
    const sender = mover.userId;
    const membership = membershipIn(content);
    if (membership === undefined) throw badJson('membership is not invite, join, knock, leave or ban');
    if (membership === 'invite') {
      await this.requireJoined(sender, roomId);
      await this.parts.invitePermissions.check(sender, userId);
    }
    if (userId !== sender) await this.parts.fullStates.of(roomId);
    const profile = await this.parts.profiles.memberProfile(userId);
    const full = membership === 'leave' || membership === 'ban' ? content : completedContent(content, profile);
    if (membership === 'invite' && !this.parts.isLocal(userId)) {
      return this.parts.remote.invites.send(roomId, memberDraft(sender, userId, withVoucher(full, undefined)));
    }
    const event = await this.changeRoom(roomId, async (room, present) => {
      if (membership === 'leave' && userId === sender) this.demandMayLeave(room, userId);
      const joins = membership === 'join' && userId === sender && present(userId) !== 'join';
      const voucher = joins ? await this.parts.joins.voucherFor(mover, room) : undefined;
      return memberDraft(sender, userId, withVoucher(full, voucher));
    });
    return event!;
  }

  /**
   * Server notices cannot be rejected; who has accepted them may leave.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#server-notices
   */
  private demandMayLeave(room: Room, userId: string): void {
    const { noticesUser } = this.parts;
    if (noticesUser === undefined || presentMembership(room, userId) !== 'invite') return;
    const invite = room.decidedState.get('m.room.member', userId);
    if (invite?.sender === noticesUser) throw cannotLeaveServerNoticeRoom();
  }

  private changeRoom(roomId: string, decide: Parameters<typeof changeMember>[2]): Promise<StoredEvent | undefined> {
    return changeMember(this.parts.timeline, roomId, decide);
  }

  private async inviteRemotely(roomId: string, draft: MemberDraft): Promise<void> {
    const room = await this.parts.rooms.get(roomId);
    if (room && presentMembership(room, draft.stateKey) === 'invite') return;
    await this.parts.remote.invites.send(roomId, draft);
  }

  /** Tells those outside nothing of a room, not even that it exists. */
  private async requireJoined(userId: string, roomId: string): Promise<void> {
    const room = await this.parts.rooms.get(roomId);
    if (!room?.isJoined(userId)) throw forbidden('You are not in this room');
  }
}
