import type { PositionOffset } from './write-set.ts';

/** A message that waits for a device. */
export interface ToDeviceRow {
  readonly user_id: string;
  readonly device_id: string;
  readonly position: number;
  /** `type`, `sender` and `content`, as the client receives it. */
  readonly json: string;
}

export interface ToDeviceStore {
  /** Messages with `after` < position ≤ `upTo`, the oldest `limit` of them, oldest first. */
  pending(userId: string, deviceId: string, after: number, upTo: number, limit: number): Promise<ToDeviceRow[]>;
  /** The position of the newest message that waits, 0 if none does. */
  lastPosition(userId: string, deviceId: string): Promise<number>;
  /** The devices of these users. */
  devicesOf(userIds: readonly string[]): Promise<{ user_id: string; device_id: string }[]>;
  /** Devices that do not exist and for which messages wait. */
  orphans(limit: number): Promise<{ user_id: string; device_id: string }[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'to_device.insert': Omit<ToDeviceRow, 'position'> & { position: PositionOffset };
    /** Deletes what has arrived. */
    'to_device.confirm': { user_id: string; device_id: string; up_to: number };
    /** Deletes all but the newest `keep`. */
    'to_device.trim': { user_id: string; device_id: string; keep: number };
    'to_device.deleteOfDevice': { user_id: string; device_id: string };
  }
}
