/** The device of a user that is kept, encrypted, by the server. */
export interface DehydratedDeviceRow {
  readonly user_id: string;
  readonly device_id: string;
  /** JSON. */
  readonly device_data: string;
}

export interface DehydratedDeviceStore {
  /** Undefined too if the device has been deleted. */
  ofUser(userId: string): Promise<DehydratedDeviceRow | undefined>;
}

declare module './write-set.ts' {
  interface Mutations {
    'dehydrated_devices.put': DehydratedDeviceRow;
    'dehydrated_devices.delete': { user_id: string };
  }
}
