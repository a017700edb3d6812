import { forbidden, guestAccessForbidden } from '../../protocol/errors.ts';
import { guestsCanJoin } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { isServerIn } from '../timeline/server-access.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { changeMember, memberDraft } from './change-member.ts';
import type { Admission, JoinConditions } from './join-conditions.ts';
import { withVoucher } from './member-content.ts';
import type { RemoteJoins } from './remote/remote-joins.ts';
import { vouchingServers } from './vouchers.ts';

/** Who changes their own membership. */
export interface Mover {
  readonly userId: string;
  readonly isGuest: boolean;
}

export interface JoinsParts {
  readonly timeline: Timeline;
  readonly rooms: RoomCache;
  readonly conditions: JoinConditions;
  readonly remote: RemoteJoins;
  readonly serverName: string;
  readonly isLocal: (userId: string) => boolean;
}

/** Lets local users into rooms: by this server alone where it is in the room and may, else by the help of others. */
export class Joins {
  private readonly parts: JoinsParts;

  constructor(parts: JoinsParts) {
    this.parts = parts;
  }

  /** Whether this server is in the room, so that it knows it and can change it. */
  async isResident(roomId: string): Promise<boolean> {
    const room = await this.parts.rooms.get(roomId);
    return room !== undefined && isServerIn(room, this.parts.serverName);
  }

  /**
   * Joins with this content; who is in the room already stays as they are.
   * @param via servers that may be in the room
   */
  async join(mover: Mover, roomId: string, content: JsonObject, via: readonly string[]): Promise<void> {
    const { remote } = this.parts;
    await remote.settled(roomId);
    const { userId } = mover;
    if (!(await this.isResident(roomId))) {
      // What a room thinks of guests is only seen from inside.
      if (mover.isGuest) throw guestAccessForbidden('Guests cannot join rooms of other servers');
      return remote.join({ userId, roomId, content, via, isResident: false });
    }
    const room = await this.parts.rooms.get(roomId);
    // Whether the user is invited or banned is known to others.
    if (room?.partial && !room.isJoined(userId)) {
      const { origin, servers } = room.partial;
      return remote.join({ userId, roomId, content, via: [origin, ...servers, ...via], isResident: true });
    }
    const helpers = await this.joinHere(mover, roomId, content);
    if (helpers) await remote.join({ userId, roomId, content, via: [...helpers, ...via], isResident: true });
  }

  /** Who lets the user in by a condition of the join rule, if that is needed. @throws M_FORBIDDEN, M_GUEST_ACCESS_FORBIDDEN */
  async voucherFor(mover: Mover, room: Room): Promise<string | undefined> {
    const admission = await this.admission(mover, room);
    return admission.kind === 'vouched' ? admission.by : undefined;
  }

  /** Joins, or answers the servers that have to be asked because they alone can let the user in. */
  private async joinHere(mover: Mover, roomId: string, content: JsonObject): Promise<string[] | undefined> {
    let helpers: string[] | undefined;
    await changeMember(this.parts.timeline, roomId, async (room, present) => {
      if (present(mover.userId) === 'join') return undefined;
      const admission = await this.admission(mover, room);
      if (admission.kind === 'no-voucher') {
        helpers = vouchingServers(room, this.parts.serverName);
        if (helpers.length > 0) return undefined;
      }
      const voucher = admission.kind === 'vouched' ? admission.by : undefined;
      return memberDraft(mover.userId, mover.userId, withVoucher(content, voucher));
    });
    return helpers;
  }

  private async admission(mover: Mover, room: Room): Promise<Admission> {
    if (mover.isGuest && !guestsCanJoin(room.decidedState.get('m.room.guest_access', '')?.content)) {
      throw guestAccessForbidden('Guests cannot join this room');
    }
    const admission = await this.parts.conditions.admission(room, mover.userId, this.parts.isLocal);
    // Rooms that this server is not in have no local members.
    if (admission.kind === 'refused' || admission.kind === 'unknown') {
      throw forbidden('You are not invited and meet no condition to join this room');
    }
    return admission;
  }
}
