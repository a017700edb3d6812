import type { PositionOffset } from './write-set.ts';

/** The latest change of a user's devices, their keys or cross-signing keys. */
export interface DeviceListChangeRow {
  readonly user_id: string;
  /** '' for all who share a room, else the one user who sees it. */
  readonly seen_by: string;
  readonly position: number;
}

/** That somebody's membership of a room changed, with what it is now. */
export interface MemberMovementRow {
  readonly room_nid: number;
  readonly user_id: string;
  readonly membership: string | null;
}

export interface DeviceListStore {
  /** Users whose latest change is after `after`, as `viewer` sees it. */
  changedSince(after: number, viewer: string): Promise<DeviceListChangeRow[]>;
  /** The number of the last change of a local user's devices that other servers were told of; 0 if they never were. */
  streamId(userId: string): Promise<number>;
  /** In which of the rooms which of the users are joined. */
  joinedIn(userIds: readonly string[], roomNids: readonly number[]): Promise<{ user_id: string; room_nid: number }[]>;
  /** Whose `m.room.member` in the current state of the rooms changed at `after` < position ≤ `upTo`. */
  memberMovements(roomNids: readonly number[], after: number, upTo: number): Promise<MemberMovementRow[]>;
  /** Rooms of the given ones whose `m.room.encryption` changed at `after` < position ≤ `upTo`. */
  encryptionChanges(roomNids: readonly number[], after: number, upTo: number): Promise<{ room_nid: number }[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'device_list_streams.put': { user_id: string; stream_id: PositionOffset };
    'device_list_changes.put': Omit<DeviceListChangeRow, 'position'> & { position: PositionOffset };
  }
}
