import type { DeviceRow, DeviceStore } from '../contract/devices.ts';
import { insertIfAbsent, type MutationDefinitions, remove, update } from './mutation.ts';
import { query, type Reader } from './query.ts';

const of = query<{ user_id: string }, DeviceRow>(
  'select * from devices where user_id = :user_id order by created_at, device_id',
);
const byId = query<{ user_id: string; device_id: string }, DeviceRow>(
  'select * from devices where user_id = :user_id and device_id = :device_id',
);

export function deviceStore(db: Reader): DeviceStore {
  return {
    of: (user_id) => db.all(of, { user_id }),
    byId: (user_id, device_id) => db.one(byId, { user_id, device_id }),
  };
}

const key = { user_id: 'text', device_id: 'text' } as const;
const seen = { last_seen_ts: 'int', last_seen_ip: 'text', last_seen_user_agent: 'text' } as const;

export const deviceMutations = {
  'devices.insert': insertIfAbsent('devices', { ...key, display_name: 'text', created_at: 'int', ...seen }),
  'devices.rename': update('devices', key, { display_name: 'text' }, { expectOne: true }),
  'devices.delete': remove('devices', key),
  'devices.seen': update('devices', key, seen),
} satisfies Partial<MutationDefinitions>;
