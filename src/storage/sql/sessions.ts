import type { SessionStore, TokenOwnerRow, UiaSessionRow, UiaStageRow, UserTokenRow } from '../contract/sessions.ts';
import { insert, type MutationDefinitions, remove, statement } from './mutation.ts';
import { query, type Reader } from './query.ts';

interface Hash extends Record<string, Uint8Array> {
  hash: Uint8Array;
}

const ownedPair = (column: 'access_hash' | 'refresh_hash') =>
  query<Hash, TokenOwnerRow>(
    `select p.*, u.is_admin, u.is_guest, u.suspended, u.locked, u.unlimited, u.limit_percent, u.deactivated_at
     from token_pairs p join users u on u.user_id = p.user_id where p.${column} = :hash`,
  );
const byAccessHash = ownedPair('access_hash');
const byRefreshHash = ownedPair('refresh_hash');
const uiaSession = query<Hash, UiaSessionRow>('select * from uia_sessions where session_hash = :hash');
const uiaStages = query<Hash, UiaStageRow>('select * from uia_stages where session_hash = :hash');
const uiaSessionsExpiredAt = query<{ now: number; limit: number }, UiaSessionRow>(
  'select * from uia_sessions where expires_at <= :now order by expires_at limit :limit',
);
const loginToken = query<Hash, UserTokenRow>('select * from login_tokens where token_hash = :hash');
const openIdToken = query<Hash, UserTokenRow>('select * from openid_tokens where token_hash = :hash');

export function sessionStore(db: Reader): SessionStore {
  return {
    byAccessHash: (hash) => db.one(byAccessHash, { hash }),
    byRefreshHash: (hash) => db.one(byRefreshHash, { hash }),
    uiaSession: (hash) => db.one(uiaSession, { hash }),
    uiaStages: (hash) => db.all(uiaStages, { hash }),
    uiaSessionsExpiredAt: (now, limit) => db.all(uiaSessionsExpiredAt, { now, limit }),
    loginToken: (hash) => db.one(loginToken, { hash }),
    openIdToken: (hash) => db.one(openIdToken, { hash }),
  };
}

const one = { expectOne: true };
const userToken = { token_hash: 'bytes', user_id: 'text', expires_at: 'int' } as const;
const expire = (table: string) => statement({ now: 'int' }, `delete from ${table} where expires_at <= :now`);

export const sessionMutations = {
  'token_pairs.insert': insert('token_pairs', {
    access_hash: 'bytes',
    user_id: 'text',
    device_id: 'text',
    access_expires_at: 'int',
    refresh_hash: 'bytes',
    refresh_expires_at: 'int',
    replaces: 'bytes',
    created_at: 'int',
  }),
  'token_pairs.confirm': statement(
    { access_hash: 'bytes' },
    'update token_pairs set replaces = null where access_hash = :access_hash',
    one,
  ),
  'token_pairs.delete': remove('token_pairs', { access_hash: 'bytes' }),
  'token_pairs.deleteSuccessors': remove('token_pairs', { replaces: 'bytes' }),
  'token_pairs.deleteOfDevice': remove('token_pairs', { user_id: 'text', device_id: 'text' }),

  'uia_sessions.insert': insert('uia_sessions', {
    session_hash: 'bytes',
    operation: 'text',
    user_id: 'text',
    body_mac: 'bytes',
    expires_at: 'int',
    registered_user: 'text',
  }),
  'uia_sessions.registered': statement(
    { session_hash: 'bytes', registered_user: 'text' },
    `update uia_sessions set registered_user = :registered_user
     where session_hash = :session_hash and registered_user is null`,
    one,
  ),
  'uia_sessions.delete': remove('uia_sessions', { session_hash: 'bytes' }, one),
  'uia_stages.insert': insert('uia_stages', { session_hash: 'bytes', stage: 'text', detail: 'text' }),
  'uia_stages.deleteOf': remove('uia_stages', { session_hash: 'bytes' }),

  'login_tokens.insert': insert('login_tokens', userToken),
  'login_tokens.use': remove('login_tokens', { token_hash: 'bytes' }, one),
  'login_tokens.expire': expire('login_tokens'),
  'openid_tokens.insert': insert('openid_tokens', userToken),
  'openid_tokens.expire': expire('openid_tokens'),
  'login_tokens.deleteOf': remove('login_tokens', { user_id: 'text' }),
  'openid_tokens.deleteOf': remove('openid_tokens', { user_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
