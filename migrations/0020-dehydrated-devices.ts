import type { Migration } from '../src/storage/migration.ts';

/** Devices that receive keys while their users have no other, MSC3814. */
export const dehydratedDevices: Migration = {
  name: '0020-dehydrated-devices',
  up({ table }) {
    // `device_data` is JSON, encrypted by the client.
    table('dehydrated_devices', { user_id: 'text', device_id: 'text', device_data: 'text' }, ['user_id']);
  },
};
