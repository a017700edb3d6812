import type {
  DeviceKeyStore,
  DeviceKeysRow,
  FallbackKeyRow,
  NamedDeviceKeysRow,
  OneTimeKeyRow,
} from '../contract/device-keys.ts';
import { insert, type MutationDefinitions, remove, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

type OfDevice = { user: string; device: string };

const byDevice = query<OfDevice, DeviceKeysRow>(
  'select * from device_keys where user_id = :user and device_id = :device',
);
const ofUsers = query<{ users: readonly string[] }, NamedDeviceKeysRow>(
  (d) => `select k.*, d.display_name from device_keys k
   join devices d on d.user_id = k.user_id and d.device_id = k.device_id
   where ${d.inList('k.user_id', ':users', 'text')} order by k.user_id, k.device_id`,
);
const oneTimeKeys = query<OfDevice, OneTimeKeyRow>(
  'select * from one_time_keys where user_id = :user and device_id = :device',
);
const nextOneTimeKeys = query<OfDevice & { algorithm: string; limit: number }, OneTimeKeyRow>(
  `select * from one_time_keys where user_id = :user and device_id = :device and algorithm = :algorithm
   and claimed = 0 order by position, ordinal limit :limit`,
);
const oneTimeKeyCounts = query<OfDevice, { algorithm: string; keys: number }>(
  `select algorithm, count(*) as keys from one_time_keys
   where user_id = :user and device_id = :device and claimed = 0 group by algorithm`,
);
const fallbackKeys = query<OfDevice, FallbackKeyRow>(
  'select * from fallback_keys where user_id = :user and device_id = :device order by algorithm',
);
const orphans = query<{ limit: number }, { user_id: string; device_id: string }>(
  `select k.user_id, k.device_id from device_keys k
   left join devices d on d.user_id = k.user_id and d.device_id = k.device_id
   where d.device_id is null limit :limit`,
);

export function deviceKeyStore(db: Reader): DeviceKeyStore {
  return {
    byDevice: (user, device) => db.one(byDevice, { user, device }),
    ofUsers: async (users) => (users.length === 0 ? [] : db.all(ofUsers, { users })),
    oneTimeKeys: (user, device) => db.all(oneTimeKeys, { user, device }),
    nextOneTimeKeys: (user, device, algorithm, limit) => db.all(nextOneTimeKeys, { user, device, algorithm, limit }),
    oneTimeKeyCounts: (user, device) => db.all(oneTimeKeyCounts, { user, device }),
    fallbackKeys: (user, device) => db.all(fallbackKeys, { user, device }),
    orphans: (limit) => db.all(orphans, { limit }),
  };
}

const device = { user_id: 'text', device_id: 'text' } as const;
const key = { ...device, algorithm: 'text', key_id: 'text' } as const;

export const deviceKeyMutations = {
  'device_keys.put': upsert('device_keys', { ...device, json: 'text' }, ['user_id', 'device_id']),
  'device_keys.delete': remove('device_keys', device),
  'one_time_keys.insert': insert('one_time_keys', {
    ...key,
    position: 'position',
    ordinal: 'int',
    claimed: 'int',
    json: 'text',
  }),
  'one_time_keys.claim': statement(
    key,
    `update one_time_keys set claimed = 1 where user_id = :user_id and device_id = :device_id
     and algorithm = :algorithm and key_id = :key_id and claimed = 0`,
    { expectOne: true },
  ),
  'one_time_keys.delete': remove('one_time_keys', key),
  'one_time_keys.deleteOfDevice': remove('one_time_keys', device),
  'fallback_keys.put': upsert('fallback_keys', { ...key, used: 'int', json: 'text' }, [
    'user_id',
    'device_id',
    'algorithm',
  ]),
  'fallback_keys.use': statement(
    key,
    `update fallback_keys set used = 1 where user_id = :user_id and device_id = :device_id
     and algorithm = :algorithm and key_id = :key_id`,
  ),
  'fallback_keys.deleteOfDevice': remove('fallback_keys', device),
} satisfies Partial<MutationDefinitions>;
