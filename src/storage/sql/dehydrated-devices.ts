import type { DehydratedDeviceRow, DehydratedDeviceStore } from '../contract/dehydrated-devices.ts';
import { type MutationDefinitions, remove, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const ofUser = query<{ user: string }, DehydratedDeviceRow>(
  `select d.* from dehydrated_devices d
   join devices v on v.user_id = d.user_id and v.device_id = d.device_id where d.user_id = :user`,
);

export function dehydratedDeviceStore(db: Reader): DehydratedDeviceStore {
  return { ofUser: (user) => db.one(ofUser, { user }) };
}

export const dehydratedDeviceMutations = {
  'dehydrated_devices.put': upsert('dehydrated_devices', { user_id: 'text', device_id: 'text', device_data: 'text' }, [
    'user_id',
  ]),
  'dehydrated_devices.delete': remove('dehydrated_devices', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
