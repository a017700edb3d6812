import type { MembershipRow } from '../../storage/contract/rooms.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard, Notices } from '../events.ts';

/** A user's standing in a room. */
export interface UserRoom {
  readonly roomNid: number;
  readonly roomId: string;
  /** `join`, `invite`, `knock`, `leave` or `ban`. */
  readonly membership: string;
  /** The `m.room.member` event that says so. */
  readonly eventNid: number;
  /** Stream position at which the membership became this. */
  readonly position: number;
  readonly forgotten: boolean;
  /** For invites and knocks: stripped state events, as a JSON array. */
  readonly strippedState: string | undefined;
}

function ofRow(row: MembershipRow): UserRoom {
  return {
    roomNid: row.room_nid,
    roomId: row.room_id,
    membership: row.membership,
    eventNid: row.event_nid,
    position: row.position,
    forgotten: row.forgotten === 1,
    strippedState: row.stripped_state ?? undefined,
  };
}

/** Which rooms users are in, were in, or are invited to: kept in memory for those who are about. */
export class UserRooms {
  private readonly users: Lru<string, Map<string, UserRoom>>;
  private readonly loading = new Map<string, Promise<Map<string, UserRoom>>>();
  /** Changes that were committed while their user was being read. */
  private readonly missed = new Map<string, ((rooms: Map<string, UserRoom>) => void)[]>();
  /** Users of other servers of whom something was committed while they were being read. */
  private readonly outdated = new Set<string>();
  private readonly storage: Storage;

  constructor(
    storage: Storage,
    notices: NoticeBoard,
    limits: { users: number },
    isLocal: (userId: string) => boolean = () => true,
  ) {
    this.storage = storage;
    this.users = new Lru({ max: limits.users });
    notices.on('membership', (notice) => {
      this.change(notice.userId, (rooms) => rooms.set(notice.roomId, ofNotice(notice)));
    });
    // Users of other servers are asked about seldom: they are read anew.
    notices.on('currentState', ({ type, stateKey }) => {
      if (type !== 'm.room.member' || isLocal(stateKey)) return;
      this.users.delete(stateKey);
      if (this.loading.has(stateKey)) this.outdated.add(stateKey);
    });
  }

  /** The rooms of a user if they are in memory. */
  peek(userId: string): ReadonlyMap<string, UserRoom> | undefined {
    return this.users.get(userId);
  }

  /** The rooms of a user by room id, forgotten ones too. The map changes with what is committed later. */
  of(userId: string): Promise<ReadonlyMap<string, UserRoom>> {
    const known = this.users.get(userId);
    if (known) return Promise.resolve(known);
    const loading = this.loading.get(userId);
    if (loading) return loading;
    const started = this.load(userId).finally(() => this.loading.delete(userId));
    this.loading.set(userId, started);
    return started;
  }

  /** Whether two users are joined to a room together; `a` is local. */
  async share(a: string, isJoined: (roomId: string) => boolean): Promise<boolean> {
    for (const room of (await this.of(a)).values()) {
      if (room.membership === 'join' && isJoined(room.roomId)) return true;
    }
    return false;
  }

  /** Marks a room as forgotten in memory; the caller has made it durable. */
  forgot(userId: string, roomId: string): void {
    this.change(userId, (rooms) => {
      const room = rooms.get(roomId);
      if (room) rooms.set(roomId, { ...room, forgotten: true });
    });
  }

  private async load(userId: string): Promise<Map<string, UserRoom>> {
    this.missed.set(userId, []);
    try {
      const rows = await this.storage.read((tx) => tx.rooms.membershipsOf(userId));
      const rooms = new Map(rows.map((row) => [row.room_id, ofRow(row)]));
      for (const change of this.missed.get(userId)!) change(rooms);
      if (!this.outdated.has(userId)) this.users.set(userId, rooms);
      return rooms;
    } finally {
      this.missed.delete(userId);
      this.outdated.delete(userId);
    }
  }

  private change(userId: string, change: (rooms: Map<string, UserRoom>) => void): void {
    const rooms = this.users.peek(userId);
    if (rooms) change(rooms);
    else this.missed.get(userId)?.push(change);
  }
}

function ofNotice(notice: Notices['membership']): UserRoom {
  return {
    roomNid: notice.roomNid,
    roomId: notice.roomId,
    membership: notice.membership,
    eventNid: notice.eventNid,
    position: notice.position,
    forgotten: false,
    strippedState: notice.strippedState,
  };
}
