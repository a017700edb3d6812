import { membershipIn } from '../../protocol/events/content-readers.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { isServerIn } from '../timeline/server-access.ts';
import { allowedRooms, findVoucher, isRestricted } from './vouchers.ts';

/** Whether a condition of the join rule lets somebody in. */
export type Admission =
  /** No condition is needed: the other rules decide. */
  | { readonly kind: 'unconditional' }
  /** A condition is met, and a user of this server vouches for it. */
  | { readonly kind: 'vouched'; readonly by: string }
  /** A condition is met, and nobody of this server may vouch for it. */
  | { readonly kind: 'no-voucher' }
  /** None of the conditions that this server can check is met; there are others. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused' };

/**
 * Looks whether users may join restricted rooms.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#restricted-rooms
 */
export class JoinConditions {
  private readonly rooms: RoomCache;
  private readonly serverName: string;

  constructor(rooms: RoomCache, serverName: string) {
    this.rooms = rooms;
    this.serverName = serverName;
  }

  async admission(room: Room, userId: string, isLocal: (userId: string) => boolean): Promise<Admission> {
    const membership = membershipIn(room.decidedState.get('m.room.member', userId)?.content);
    const isKnown = membership === 'invite' || membership === 'join' || membership === 'ban';
    if (isKnown || !isRestricted(room)) return { kind: 'unconditional' };
    let isComplete = true;
    for (const roomId of allowedRooms(room)) {
      const other = await this.rooms.get(roomId);
      if (!other || !isServerIn(other, this.serverName)) {
        isComplete = false;
      } else if (other.isJoined(userId)) {
        const by = findVoucher(room, isLocal);
        return by === undefined ? { kind: 'no-voucher' } : { kind: 'vouched', by };
      } else if (other.partial) {
        isComplete = false;
      }
    }
    return { kind: isComplete ? 'refused' : 'unknown' };
  }
}
