/** What is known of the devices of a user of another server. */
export interface RemoteDeviceListRow {
  readonly user_id: string;
  /** The number that the user's server gives to the list as it is here. */
  readonly stream_id: number;
  /** When to ask for the list anew; null while it is up to date. */
  readonly due_at: number | null;
  /** Failures in a row of asking. */
  readonly attempts: number;
  /** JSON. */
  readonly master_key: string | null;
  readonly self_signing_key: string | null;
}

export interface RemoteDeviceRow {
  readonly user_id: string;
  readonly device_id: string;
  readonly display_name: string | null;
  /** JSON of the device's keys. */
  readonly keys: string | null;
}

export interface RemoteDeviceListStore {
  lists(userIds: readonly string[]): Promise<RemoteDeviceListRow[]>;
  devices(userIds: readonly string[]): Promise<RemoteDeviceRow[]>;
  /** Lists that are to be asked for. */
  due(now: number, limit: number): Promise<RemoteDeviceListRow[]>;
  /** When, after `now`, the next one is. */
  nextDue(now: number): Promise<number | undefined>;
  /** Those of the users who share a room with users of the server `own`. */
  sharedOf(userIds: readonly string[], own: string): Promise<string[]>;
  /** Whether the user shares a room with users of the server `own`. */
  isShared(userId: string, own: string): Promise<boolean>;
}

declare module './write-set.ts' {
  interface Mutations {
    'remote_device_lists.put': RemoteDeviceListRow;
    /** A conflict unless the list is up to date and at `from`. */
    'remote_device_lists.advance': { user_id: string; from: number; to: number };
    /** The list, known or not, is to be asked for. */
    'remote_device_lists.want': { user_id: string; due_at: number };
    'remote_device_lists.retry': { user_id: string; due_at: number; attempts: number };
    'remote_device_lists.setKeys': { user_id: string; master_key: string | null; self_signing_key: string | null };
    /** Forgets the list of a user who shares no room with the server `own` any more. */
    'remote_device_lists.forgetIfUnshared': { user_id: string; own: string };
    /** Forgets the lists of all users who share no room with the server `own` any more. */
    'remote_device_lists.forgetUnshared': { own: string };
    /** Forgets devices that belong to no list. */
    'remote_devices.forgetOrphans': Record<never, never>;
    'remote_devices.deleteIfUnlisted': { user_id: string };
    'remote_devices.put': RemoteDeviceRow;
    'remote_devices.delete': { user_id: string; device_id: string };
    'remote_devices.deleteOfUser': { user_id: string };
  }
}
