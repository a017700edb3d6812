import { badJson, badState, forbidden, guestAccessForbidden, notFound, unknown } from '../../protocol/errors.ts';
import { guestsCanJoin, membershipIn, stringIn } from '../../protocol/events/content-readers.ts';
import { isRoomId } from '../../protocol/identifiers/room-id.ts';
import { type JsonObject, setOwn, withKey } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { EventDraft, Timeline } from '../timeline/timeline.ts';
import type { InvitePermissions } from './invite-permissions.ts';
import { type MemberProfile, type MemberProfiles, memberContent } from './member-content.ts';
import type { UserRooms } from './user-rooms.ts';
import { allowedRooms, findVoucher, isRestricted } from './vouchers.ts';

export interface MembershipParts {
  readonly storage: Storage;
  readonly timeline: Timeline;
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  /** The id of the room that an alias stands for. */
  readonly aliases: { resolve(alias: string): Promise<string | undefined> };
  readonly profiles: MemberProfiles;
  readonly invitePermissions: InvitePermissions;
  readonly isLocal: (userId: string) => boolean;
}

/** Who changes their own membership. */
export interface Mover {
  readonly userId: string;
  readonly isGuest: boolean;
}

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
    const roomId = await this.parts.aliases.resolve(roomIdOrAlias);
    if (roomId === undefined) throw notFound(`There is no room with the alias ${roomIdOrAlias}`);
    return roomId;
  }

  /** Joins; who is in the room already stays as they are. */
  async join(mover: Mover, roomId: string, reason?: string): Promise<void> {
    const profile = await this.parts.profiles.memberProfile(mover.userId);
    await this.changeRoom(roomId, async (room, present) => {
      if (present(mover.userId) === 'join') return undefined;
      const voucher = await this.admit(mover, room, present(mover.userId));
      return memberDraft(mover.userId, mover.userId, memberContent('join', profile, { reason, voucher }));
    });
  }

  /** @throws M_INVITE_BLOCKED, M_FORBIDDEN */
  async invite(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.parts.invitePermissions.check(sender, userId);
    const profile = await this.parts.profiles.memberProfile(userId);
    await this.changeRoom(roomId, (_room, present) => {
      if (present(userId) === 'invite') return undefined;
      return memberDraft(sender, userId, memberContent('invite', profile, { reason }));
    });
  }

  /** Leaves, rejects an invite or takes back a knock. Who has left already stays as they are. */
  async leave(userId: string, roomId: string, reason?: string): Promise<void> {
    await this.changeRoom(roomId, (_room, present) => {
      const membership = present(userId);
      if (membership === 'leave') return undefined;
      if (membership === undefined) throw forbidden('You are not in this room');
      return memberDraft(userId, userId, outContent('leave', reason));
    });
  }

  /** @throws M_FORBIDDEN, also if the user is not in the room */
  async kick(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.changeRoom(roomId, (_room, present) => {
      if (GONE.has(present(userId))) throw forbidden(`${userId} is not in this room`);
      return memberDraft(sender, userId, outContent('leave', reason));
    });
  }

  async ban(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.changeRoom(roomId, () => memberDraft(sender, userId, outContent('ban', reason)));
  }

  /** @throws M_BAD_STATE if the user is not banned */
  async unban(sender: string, roomId: string, userId: string, reason?: string): Promise<void> {
    await this.requireJoined(sender, roomId);
    await this.changeRoom(roomId, (_room, present) => {
      if (present(userId) !== 'ban') throw badState(`${userId} is not banned from this room`);
      return memberDraft(sender, userId, outContent('leave', reason));
    });
  }

  /** Asks to be let in. @throws M_FORBIDDEN if the room takes no knocks, or the user is in it already */
  async knock(userId: string, roomId: string, reason?: string): Promise<void> {
    const profile = await this.parts.profiles.memberProfile(userId);
    await this.changeRoom(roomId, () => memberDraft(userId, userId, memberContent('knock', profile, { reason })));
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
    const profile = await this.parts.profiles.memberProfile(userId);
    const full = membership === 'leave' || membership === 'ban' ? content : completed(content, profile);
    const event = await this.changeRoom(roomId, async (room, present) => {
      const joins = membership === 'join' && userId === sender && present(userId) !== 'join';
      const voucher = joins ? await this.admit(mover, room, present(userId)) : undefined;
      return memberDraft(sender, userId, withVoucher(full, voucher));
    });
    return event!;
  }

  /** Sends the member event that `decide` answers, in the room's turn; none if it answers undefined. */
  private async changeRoom(
    roomId: string,
    decide: (
      room: Room,
      present: (userId: string) => string | undefined,
    ) => EventDraft | undefined | Promise<EventDraft | undefined>,
  ): Promise<StoredEvent | undefined> {
    const events = await this.parts.timeline.change(roomId, async (turn, room) => {
      const present = (userId: string) => membershipIn(room.decidedState.get('m.room.member', userId)?.content);
      const draft = await decide(room, present);
      return this.parts.timeline.append(turn, room, draft ? [draft] : []);
    });
    return events[0];
  }

  /** Refuses guests where they may not join, and finds who lets in somebody who meets a condition of the join rule. */
  private async admit(mover: Mover, room: Room, membership: string | undefined): Promise<string | undefined> {
    if (mover.isGuest && !guestsCanJoin(room.decidedState.get('m.room.guest_access', '')?.content)) {
      throw guestAccessForbidden('Guests cannot join this room');
    }
    if (membership === 'invite' || membership === 'ban' || !isRestricted(room)) return undefined;
    for (const roomId of allowedRooms(room)) {
      if ((await this.parts.rooms.get(roomId))?.isJoined(mover.userId)) {
        return findVoucher(room, this.parts.isLocal);
      }
    }
    throw forbidden('You are not invited and meet no condition to join this room');
  }

  /** Tells those outside nothing of a room, not even that it exists. */
  private async requireJoined(userId: string, roomId: string): Promise<void> {
    const room = await this.parts.rooms.get(roomId);
    if (!room?.isJoined(userId)) throw forbidden('You are not in this room');
  }
}

function memberDraft(sender: string, userId: string, content: JsonObject): EventDraft {
  return { type: 'm.room.member', sender, stateKey: userId, content };
}

function outContent(membership: 'leave' | 'ban', reason: string | undefined): JsonObject {
  return reason === undefined ? { membership } : { membership, reason };
}

/** The content with the name and avatar of the user's profile where it gives none. */
function completed(content: JsonObject, profile: MemberProfile): JsonObject {
  const full: JsonObject = {};
  for (const key of Object.keys(content)) setOwn(full, key, content[key]);
  for (const key of ['displayname', 'avatar_url'] as const) {
    const value = profile[key];
    if (value !== undefined && !Object.hasOwn(content, key)) full[key] = value;
  }
  return full;
}

/** Who lets somebody in is for the server to say. */
function withVoucher(content: JsonObject, voucher: string | undefined): JsonObject {
  const key = 'join_authorised_via_users_server';
  if (voucher !== undefined) return withKey(content, key, voucher);
  if (stringIn(content, key) === undefined) return content;
  const without: JsonObject = {};
  for (const name of Object.keys(content)) if (name !== key) setOwn(without, name, content[name]);
  return without;
}
