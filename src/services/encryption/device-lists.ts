import { OutgoingEduKind } from '../../storage/contract/outbox.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { NoticeBoard, Notices } from '../events.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { Movements } from './movements.ts';
import { type Positioned, PositionLog } from './position-log.ts';
import { SharedRooms } from './shared-rooms.ts';

/** `device_lists` of a sync: whose devices to ask for again, and whose to forget. */
export interface DeviceListDelta {
  readonly changed: readonly string[];
  readonly left: readonly string[];
}

/** What of a local user changed, for other servers to know. */
export interface DeviceChange {
  /** The only user who sees it, if it is nobody else's business. */
  readonly seenBy?: string | undefined;
  readonly devices?: readonly string[];
  /** Whether cross-signing keys did. */
  readonly signingKeys?: boolean;
}

interface Change extends Positioned {
  readonly userId: string;
  /** '' for all who share a room. */
  readonly seenBy: string;
}

/** Somebody began or ceased to be joined to a room, or (without user) a room became encrypted. */
interface Movement extends Positioned {
  readonly roomId: string;
  readonly userId: string | undefined;
}

export interface DeviceListsDependencies {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  /** The name of this server. */
  readonly serverName: string;
  readonly limits: {
    /** Changes of device lists, and of memberships, that are kept in memory. */
    readonly recent: number;
    /** Members up to which a room that is not encrypted counts as sharing device lists. */
    readonly unencryptedMembers: number;
  };
}

const NOTHING: DeviceListDelta = { changed: [], left: [] };

/**
 * Whose devices changed, for those who share a room with them.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#tracking-the-device-list-for-a-user
 */
export class DeviceLists {
  private readonly d: DeviceListsDependencies;
  private readonly changes: PositionLog<Change>;
  private readonly movements: PositionLog<Movement>;
  private readonly shared: SharedRooms;

  constructor(dependencies: DeviceListsDependencies) {
    this.d = dependencies;
    const { storage, notices, limits } = dependencies;
    this.changes = new PositionLog(storage.head, limits.recent);
    this.movements = new PositionLog(storage.head, limits.recent);
    this.shared = new SharedRooms(dependencies);
    notices.on('currentState', (notice) => this.noteState(notice));
  }

  /**
   * Adds to a write set that a user's devices or keys changed; where it is said which, and the user is local, other
   * servers are told.
   */
  recordChange(set: WriteSet, userId: string, { seenBy, devices = [], signingKeys }: DeviceChange = {}): void {
    for (const deviceId of devices) this.tellOthers(set, userId, OutgoingEduKind.deviceList, deviceId);
    if (signingKeys) this.tellOthers(set, userId, OutgoingEduKind.signingKeys, '');
    const offset = set.nextPosition();
    set.add('device_list_changes.put', { user_id: userId, seen_by: seenBy ?? '', position: offset });
    set.onCommitted((committed) => {
      const position = committed.position(offset);
      this.changes.push({ position, userId, seenBy: seenBy ?? '' });
      this.d.notices.publish('deviceList', { userId, position, seenBy });
    });
  }

  /** Adds to a write set that the servers which share a room with the user are told. */
  private tellOthers(set: WriteSet, userId: string, kind: OutgoingEduKind, deviceId: string): void {
    const position = set.nextPosition();
    const own = this.d.serverName;
    set.add('outgoing_edus.fanOut', { user_id: userId, position, device_id: deviceId, kind, own });
    if (kind === OutgoingEduKind.deviceList) {
      set.add('device_list_streams.put', { user_id: userId, stream_id: position });
    }
    set.onCommitted((committed) =>
      this.d.notices.publish('outgoingEdu', { position: committed.position(position), server: undefined }),
    );
  }

  /** What changed for a local user at `since` < position ≤ `upTo`. Asks storage for nothing if nothing did. */
  async changedSince(userId: string, since: number, upTo: number): Promise<DeviceListDelta> {
    if (since >= upTo) return NOTHING;
    const changes = this.changes.between(since, upTo) ?? (await this.storedChanges(userId, since));
    const moves = await this.movesOf(userId, since, upTo);
    if (changes.length === 0 && moves.isEmpty) return NOTHING;
    const changed = new Set<string>();
    const others = new Set<string>();
    for (const change of changes) {
      if (change.seenBy === userId || (change.seenBy === '' && change.userId === userId)) changed.add(change.userId);
      else if (change.seenBy === '') others.add(change.userId);
    }
    for (const user of await this.shared.sharing(userId, others)) changed.add(user);
    const candidates = await this.arrivals(userId, moves, changed);
    for (const user of changed) candidates.delete(user);
    candidates.delete(userId);
    const stillShared = await this.shared.sharing(userId, candidates);
    return { changed: [...changed], left: [...candidates].filter((user) => !stillShared.has(user)) };
  }

  /** Whether members of the room see changes of each other's devices. */
  reaches(room: Room): boolean {
    return this.shared.counts(room);
  }

  /** The local and remote users who see changes of a user's devices, themselves among them. */
  async audienceOf(userId: string): Promise<ReadonlySet<string>> {
    const audience = new Set([userId]);
    for (const room of await this.shared.roomsOf(userId)) {
      for (const member of room.joinedMembers()) audience.add(member);
    }
    return audience;
  }

  /** Adds to `changed` whom the user shares a room with since these movements; answers whom perhaps no longer. */
  private async arrivals(userId: string, moves: Movements, changed: Set<string>): Promise<Set<string>> {
    const candidates = new Set<string>();
    for (const [roomId, movement] of moves.rooms) {
      const room = await this.d.rooms.get(roomId);
      if (!room) continue;
      const counts = this.shared.counts(room);
      const isJoined = room.isJoined(userId);
      if (movement.everybody && isJoined && counts) addAll(changed, room.joinedMembers());
      if (movement.everybody && !isJoined && counts) addAll(candidates, room.joinedMembers());
      for (const user of movement.users) {
        if (!room.isJoined(user)) candidates.add(user);
        else if (isJoined && counts) changed.add(user);
      }
    }
    return candidates;
  }

  private async storedChanges(userId: string, since: number): Promise<readonly Change[]> {
    const rows = await this.d.storage.readHeavy((tx) => tx.deviceLists.changedSince(since, userId));
    return rows.map((row) => ({ position: row.position, userId: row.user_id, seenBy: row.seen_by }));
  }

  private async movesOf(userId: string, since: number, upTo: number): Promise<Movements> {
    const moves = new Movements(userId);
    const rooms = await this.d.userRooms.of(userId);
    const recent = this.movements.between(since, upTo);
    if (recent) {
      for (const { roomId, userId: mover } of recent) {
        if (rooms.get(roomId)?.membership === 'join' || mover === userId) moves.add(roomId, mover);
      }
      return moves;
    }
    const concerned = [...rooms.values()].filter((room) => room.membership === 'join' || room.position > since);
    const ids = new Map(concerned.map((room) => [room.roomNid, room.roomId]));
    const nids = [...ids.keys()];
    await this.d.storage.readHeavy(async (tx) => {
      for (const row of await tx.deviceLists.memberMovements(nids, since, upTo)) {
        moves.add(ids.get(row.room_nid)!, row.user_id);
      }
      for (const row of await tx.deviceLists.encryptionChanges(nids, since, upTo)) {
        moves.add(ids.get(row.room_nid)!, undefined);
      }
    });
    return moves;
  }

  private noteState(notice: Notices['currentState']): void {
    const { type, stateKey, roomId, position, before, after } = notice;
    if (type === 'm.room.encryption' && stateKey === '' && !before) {
      this.movements.push({ position, roomId, userId: undefined });
    }
    if (type !== 'm.room.member') return;
    const joined = after?.membership === 'join';
    const wasJoined = before?.membership === 'join';
    if (joined !== wasJoined) this.movements.push({ position, roomId, userId: stateKey });
  }
}

function addAll(set: Set<string>, users: Iterable<string>): void {
  for (const user of users) set.add(user);
}
