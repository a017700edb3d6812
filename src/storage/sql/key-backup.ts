import type { BackedUpSessionRow, KeyBackupRow, KeyBackupStore } from '../contract/key-backup.ts';
import { insert, type MutationDefinitions, remove, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

type OfVersion = { user: string; version: number };

const versions = query<{ user: string }, KeyBackupRow>(
  'select * from key_backups where user_id = :user order by version desc',
);
type Page = OfVersion & { room: string; session: string; limit: number };

const page = query<Page, BackedUpSessionRow>(
  `select * from key_backup_sessions where user_id = :user and version = :version
   and (room_id, session_id) > (:room, :session) order by room_id, session_id limit :limit`,
);
const pageOfRoom = query<Page, BackedUpSessionRow>(
  `select * from key_backup_sessions where user_id = :user and version = :version and room_id = :room
   and session_id > :session order by session_id limit :limit`,
);
const countInRoom = query<OfVersion & { room: string }, { keys: number }>(
  `select count(*) as keys from key_backup_sessions
   where user_id = :user and version = :version and room_id = :room`,
);
const session = query<OfVersion & { room: string; session: string }, BackedUpSessionRow>(
  `select * from key_backup_sessions where user_id = :user and version = :version and room_id = :room
   and session_id = :session`,
);
const sessionsInRoom = query<OfVersion & { room: string; ids: readonly string[] }, BackedUpSessionRow>(
  (d) => `select * from key_backup_sessions where user_id = :user and version = :version and room_id = :room
   and ${d.inList('session_id', ':ids', 'text')}`,
);

export function keyBackupStore(db: Reader): KeyBackupStore {
  return {
    versions: (user) => db.all(versions, { user }),
    page: (user, version, after, limit) =>
      db.all(page, { user, version, room: after.roomId, session: after.sessionId, limit }),
    pageOfRoom: (user, version, after, limit) =>
      db.all(pageOfRoom, { user, version, room: after.roomId, session: after.sessionId, limit }),
    countInRoom: async (user, version, room) => (await db.one(countInRoom, { user, version, room }))?.keys ?? 0,
    session: (user, version, room, id) => db.one(session, { user, version, room, session: id }),
    sessionsInRoom: async (user, version, room, ids) =>
      ids.length === 0 ? [] : db.all(sessionsInRoom, { user, version, room, ids }),
  };
}

const ofVersion = { user_id: 'text', version: 'int' } as const;
const ofRoom = { ...ofVersion, room_id: 'text' } as const;
const ofSession = { ...ofRoom, session_id: 'text' } as const;

export const keyBackupMutations = {
  'key_backups.insert': insert('key_backups', {
    ...ofVersion,
    algorithm: 'text',
    auth_data: 'text',
    etag: 'int',
    key_count: 'int',
    deleted: 'int',
  }),
  'key_backups.setAuthData': statement(
    { ...ofVersion, auth_data: 'text' },
    `update key_backups set auth_data = :auth_data where user_id = :user_id and version = :version and deleted = 0`,
    { expectOne: true },
  ),
  'key_backups.count': statement(
    { ...ofVersion, expected: 'int', etag: 'int', key_count: 'int' },
    `update key_backups set etag = :etag, key_count = :key_count
     where user_id = :user_id and version = :version and etag = :expected and deleted = 0`,
    { expectOne: true },
  ),
  'key_backups.delete': statement(
    ofVersion,
    `update key_backups set deleted = 1, auth_data = '{}', key_count = 0
     where user_id = :user_id and version = :version and deleted = 0`,
    { expectOne: true },
  ),
  'key_backup_sessions.put': upsert(
    'key_backup_sessions',
    {
      ...ofSession,
      first_message_index: 'int',
      forwarded_count: 'int',
      is_verified: 'int',
      session_data: 'text',
    },
    ['user_id', 'version', 'room_id', 'session_id'],
  ),
  'key_backup_sessions.delete': remove('key_backup_sessions', ofSession),
  'key_backup_sessions.deleteOfRoom': remove('key_backup_sessions', ofRoom),
  'key_backup_sessions.deleteOfVersion': remove('key_backup_sessions', ofVersion),
  'key_backups.deleteOf': remove('key_backups', { user_id: 'text' }),
  'key_backup_sessions.deleteOf': remove('key_backup_sessions', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
