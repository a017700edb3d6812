import type { RemoteDeviceListRow, RemoteDeviceListStore, RemoteDeviceRow } from '../contract/remote-device-lists.ts';
import { type MutationDefinitions, remove, statement, update, upsert } from './mutation.ts';
import { LASTS } from './outbox.ts';
import { query, type Reader } from './query.ts';

const lists = query<{ users: readonly string[] }, RemoteDeviceListRow>(
  (d) => `select * from remote_device_lists where ${d.inList('user_id', ':users', 'text')}`,
);
const devices = query<{ users: readonly string[] }, RemoteDeviceRow>(
  (d) => `select * from remote_devices where ${d.inList('user_id', ':users', 'text')} order by device_id`,
);
const due = query<{ now: number; limit: number }, RemoteDeviceListRow>(
  'select * from remote_device_lists where due_at is not null and due_at <= :now order by due_at limit :limit',
);
const nextDue = query<{ now: number }, { at: number | null }>(
  'select min(due_at) as at from remote_device_lists where due_at is not null and due_at > :now',
);
const SHARED = (user: string) => `exists (
  select 1 from memberships m join room_servers s on s.room_nid = m.room_nid and s.until = ${LASTS}
  where m.user_id = ${user} and m.membership = 'join' and s.server = :own)`;
const isShared = query<{ user: string; own: string }, { shared: number }>(
  `select 1 as shared where ${SHARED(':user')}`,
);

const sharedOf = query<{ users: readonly string[]; own: string }, { user_id: string }>(
  (d) => `select distinct m.user_id from memberships m
   join room_servers s on s.room_nid = m.room_nid and s.until = ${LASTS}
   where ${d.inList('m.user_id', ':users', 'text')} and m.membership = 'join' and s.server = :own`,
);

export function remoteDeviceListStore(db: Reader): RemoteDeviceListStore {
  return {
    lists: async (users) => (users.length === 0 ? [] : db.all(lists, { users })),
    devices: async (users) => (users.length === 0 ? [] : db.all(devices, { users })),
    due: (now, limit) => db.all(due, { now, limit }),
    nextDue: async (now) => (await db.one(nextDue, { now }))?.at ?? undefined,
    sharedOf: async (users, own) =>
      users.length === 0 ? [] : (await db.all(sharedOf, { users, own })).map((row) => row.user_id),
    isShared: async (user, own) => (await db.one(isShared, { user, own })) !== undefined,
  };
}

const keys = { master_key: 'text', self_signing_key: 'text' } as const;

export const remoteDeviceListMutations = {
  'remote_device_lists.put': upsert(
    'remote_device_lists',
    { user_id: 'text', stream_id: 'int', due_at: 'int', attempts: 'int', ...keys },
    ['user_id'],
  ),
  'remote_device_lists.advance': statement(
    { user_id: 'text', from: 'int', to: 'int' },
    `update remote_device_lists set stream_id = :to where user_id = :user_id and stream_id = :from and due_at is null`,
    { expectOne: true },
  ),
  'remote_device_lists.want': statement(
    { user_id: 'text', due_at: 'int' },
    `insert into remote_device_lists (user_id, stream_id, due_at, attempts) values (:user_id, 0, :due_at, 0)
     on conflict (user_id) do update set due_at = excluded.due_at, attempts = 0`,
  ),
  'remote_device_lists.retry': update('remote_device_lists', { user_id: 'text' }, { due_at: 'int', attempts: 'int' }),
  'remote_device_lists.setKeys': update('remote_device_lists', { user_id: 'text' }, keys),
  'remote_device_lists.forgetIfUnshared': statement(
    { user_id: 'text', own: 'text' },
    `delete from remote_device_lists where user_id = :user_id and not ${SHARED(':user_id')}`,
  ),
  'remote_device_lists.forgetUnshared': statement(
    { own: 'text' },
    `delete from remote_device_lists where not ${SHARED('remote_device_lists.user_id')}`,
  ),
  'remote_devices.forgetOrphans': statement(
    {},
    `delete from remote_devices where not exists (
       select 1 from remote_device_lists l where l.user_id = remote_devices.user_id)`,
  ),
  'remote_devices.deleteIfUnlisted': statement(
    { user_id: 'text' },
    `delete from remote_devices where user_id = :user_id
     and not exists (select 1 from remote_device_lists where user_id = :user_id)`,
  ),
  'remote_devices.put': upsert(
    'remote_devices',
    { user_id: 'text', device_id: 'text', display_name: 'text', keys: 'text' },
    ['user_id', 'device_id'],
  ),
  'remote_devices.delete': remove('remote_devices', { user_id: 'text', device_id: 'text' }),
  'remote_devices.deleteOfUser': remove('remote_devices', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
