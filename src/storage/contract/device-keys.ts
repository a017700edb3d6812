import type { PositionOffset } from './write-set.ts';

export interface DeviceKeysRow {
  readonly user_id: string;
  readonly device_id: string;
  /** The `DeviceKeys` object as it was uploaded. */
  readonly json: string;
}

/** Keys of a device that exists, with the name that its owner gave it. */
export interface NamedDeviceKeysRow extends DeviceKeysRow {
  readonly display_name: string | null;
}

export interface OneTimeKeyRow {
  readonly user_id: string;
  readonly device_id: string;
  readonly algorithm: string;
  /** The part of the key's id after the algorithm. */
  readonly key_id: string;
  /** Which upload brought it, and its place there: keys are given out in this order. */
  readonly position: number;
  readonly ordinal: number;
  /** 1 once given out. */
  readonly claimed: number;
  readonly json: string;
}

export interface FallbackKeyRow {
  readonly user_id: string;
  readonly device_id: string;
  readonly algorithm: string;
  readonly key_id: string;
  /** 1 once given out. */
  readonly used: number;
  readonly json: string;
}

export interface DeviceKeyStore {
  byDevice(userId: string, deviceId: string): Promise<DeviceKeysRow | undefined>;
  /** Of all devices of these users. */
  ofUsers(userIds: readonly string[]): Promise<NamedDeviceKeysRow[]>;
  /** All one-time keys of a device, with those given out since the last upload. */
  oneTimeKeys(userId: string, deviceId: string): Promise<OneTimeKeyRow[]>;
  /** The oldest keys that have not been given out, oldest first. */
  nextOneTimeKeys(userId: string, deviceId: string, algorithm: string, limit: number): Promise<OneTimeKeyRow[]>;
  /** How many keys of each algorithm have not been given out. */
  oneTimeKeyCounts(userId: string, deviceId: string): Promise<{ algorithm: string; keys: number }[]>;
  fallbackKeys(userId: string, deviceId: string): Promise<FallbackKeyRow[]>;
  /** Devices that have keys and do not exist any more. */
  orphans(limit: number): Promise<{ user_id: string; device_id: string }[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'device_keys.put': DeviceKeysRow;
    'device_keys.delete': { user_id: string; device_id: string };
    /** A conflict if the id is there already. */
    'one_time_keys.insert': Omit<OneTimeKeyRow, 'position'> & { position: PositionOffset };
    /** A conflict unless the key is there and has not been given out. */
    'one_time_keys.claim': { user_id: string; device_id: string; algorithm: string; key_id: string };
    'one_time_keys.delete': { user_id: string; device_id: string; algorithm: string; key_id: string };
    'one_time_keys.deleteOfDevice': { user_id: string; device_id: string };
    'fallback_keys.put': FallbackKeyRow;
    'fallback_keys.use': { user_id: string; device_id: string; algorithm: string; key_id: string };
    'fallback_keys.deleteOfDevice': { user_id: string; device_id: string };
  }
}
