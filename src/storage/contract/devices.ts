export interface DeviceRow {
  readonly user_id: string;
  readonly device_id: string;
  readonly display_name: string | null;
  readonly created_at: number;
  readonly last_seen_ts: number | null;
  readonly last_seen_ip: string | null;
  readonly last_seen_user_agent: string | null;
}

export interface DeviceStore {
  /** Of one user, the oldest first. */
  of(userId: string): Promise<DeviceRow[]>;
  byId(userId: string, deviceId: string): Promise<DeviceRow | undefined>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** Leaves a device that exists as it is. */
    'devices.insert': DeviceRow;
    'devices.rename': { user_id: string; device_id: string; display_name: string | null };
    'devices.delete': { user_id: string; device_id: string };
    'devices.seen': Omit<DeviceRow, 'display_name' | 'created_at'>;
  }
}
