import type { ToDeviceRow, ToDeviceStore } from '../contract/to-device.ts';
import { insert, type MutationDefinitions, remove, statement } from './mutation.ts';
import { query, type Reader } from './query.ts';

type OfDevice = { user: string; device: string };

const pending = query<OfDevice & { after: number; up_to: number; limit: number }, ToDeviceRow>(
  `select * from to_device_messages where user_id = :user and device_id = :device and position > :after
   and position <= :up_to order by position limit :limit`,
);
const lastPosition = query<OfDevice, { last: number }>(
  `select coalesce(max(position), 0) as last from to_device_messages where user_id = :user and device_id = :device`,
);
const devicesOf = query<{ users: readonly string[] }, { user_id: string; device_id: string }>(
  (d) => `select user_id, device_id from devices where ${d.inList('user_id', ':users', 'text')}`,
);
const orphans = query<{ limit: number }, { user_id: string; device_id: string }>(
  `select distinct m.user_id, m.device_id from to_device_messages m
   left join devices d on d.user_id = m.user_id and d.device_id = m.device_id
   where d.device_id is null limit :limit`,
);

export function toDeviceStore(db: Reader): ToDeviceStore {
  return {
    pending: (user, device, after, up_to, limit) => db.all(pending, { user, device, after, up_to, limit }),
    lastPosition: async (user, device) => (await db.one(lastPosition, { user, device }))?.last ?? 0,
    devicesOf: async (users) => (users.length === 0 ? [] : db.all(devicesOf, { users })),
    orphans: (limit) => db.all(orphans, { limit }),
  };
}

const device = { user_id: 'text', device_id: 'text' } as const;

export const toDeviceMutations = {
  'to_device.insert': insert('to_device_messages', { ...device, position: 'position', json: 'text' }),
  'to_device.confirm': statement(
    { ...device, up_to: 'int' },
    `delete from to_device_messages where user_id = :user_id and device_id = :device_id and position <= :up_to`,
  ),
  'to_device.trim': statement(
    { ...device, keep: 'int' },
    `delete from to_device_messages where user_id = :user_id and device_id = :device_id and position <= (
       select position from to_device_messages where user_id = :user_id and device_id = :device_id
       order by position desc limit 1 offset :keep)`,
  ),
  'to_device.deleteOfDevice': remove('to_device_messages', device),
} satisfies Partial<MutationDefinitions>;
