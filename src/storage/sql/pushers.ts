import type { PusherRow, PusherStore } from '../contract/pushers.ts';
import { type MutationDefinitions, remove, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const ofUser = query<{ user: string }, PusherRow>(
  `select * from pushers where user_id = :user and (device_id is null or exists (
     select 1 from devices d where d.user_id = pushers.user_id and d.device_id = pushers.device_id))
   order by created_at, app_id, pushkey`,
);
const users = query<Record<never, never>, { user_id: string }>('select distinct user_id from pushers');

export function pusherStore(db: Reader): PusherStore {
  return {
    ofUser: (user) => db.all(ofUser, { user }),
    users: () => db.all(users, {}),
  };
}

const key = { user_id: 'text', app_id: 'text', pushkey: 'text' } as const;

export const pusherMutations = {
  'pushers.put': upsert(
    'pushers',
    {
      ...key,
      device_id: 'text',
      kind: 'text',
      app_display_name: 'text',
      device_display_name: 'text',
      profile_tag: 'text',
      lang: 'text',
      data: 'text',
      enabled: 'int',
      created_at: 'int',
      position: 'int',
    },
    ['user_id', 'app_id', 'pushkey'],
  ),
  'pushers.delete': remove('pushers', key),
  'pushers.deleteOfOthers': statement(
    key,
    'delete from pushers where app_id = :app_id and pushkey = :pushkey and user_id <> :user_id',
  ),
  'pushers.deleteOfDevice': remove('pushers', { user_id: 'text', device_id: 'text' }),
  'pushers.deleteOf': remove('pushers', { user_id: 'text' }),
  'pushers.deleteOrphans': statement(
    { now: 'int' },
    `delete from pushers where created_at <= :now and device_id is not null and not exists (
       select 1 from devices d where d.user_id = pushers.user_id and d.device_id = pushers.device_id)`,
  ),
  'pushers.trim': statement(
    { user_id: 'text', keep: 'int' },
    `delete from pushers where user_id = :user_id and (created_at, app_id, pushkey) <= (
       select created_at, app_id, pushkey from pushers where user_id = :user_id
       order by created_at desc, app_id desc, pushkey desc limit 1 offset :keep)`,
  ),
  'pushers.advance': statement(
    { ...key, position: 'int' },
    `update pushers set position = :position
     where user_id = :user_id and app_id = :app_id and pushkey = :pushkey and position < :position`,
  ),
} satisfies Partial<MutationDefinitions>;
