import type { AccountStore, RegistrationTokenRow, UserRow } from '../contract/accounts.ts';
import { insert, type MutationDefinitions, remove, statement, update } from './mutation.ts';
import { query, type Reader } from './query.ts';

const user = query<{ user_id: string }, UserRow>('select * from users where user_id = :user_id');
const person = query<Record<never, never>, { user_id: string }>(
  'select user_id from users where is_guest = 0 and appservice_id is null limit 1',
);
const departing = query<Record<never, never>, { user_id: string }>('select user_id from users where departing = 1');
const guestsIn = query<{ room: string }, { user_id: string; room_id: string }>(
  `select m.user_id, r.room_id from memberships m join users u on u.user_id = m.user_id
   join rooms r on r.room_nid = m.room_nid where m.membership = 'join' and u.is_guest = 1 and r.room_id = :room`,
);
const guestsAnywhere = query<Record<never, never>, { user_id: string; room_id: string }>(
  `select m.user_id, r.room_id from users u join memberships m on u.user_id = m.user_id
   join rooms r on r.room_nid = m.room_nid where m.membership = 'join' and u.is_guest = 1 and u.deactivated_at is null`,
);
const erasing = query<Record<never, never>, { user_id: string }>(
  'select user_id from users where erased_position > 0 and erasing = 1',
);
const anyErased = query<Record<never, never>, { user_id: string }>(
  'select user_id from users where erased_position > 0 limit 1',
);
const erasedAmong = query<{ users: readonly string[] }, Pick<UserRow, 'user_id' | 'erased_position'>>(
  (d) =>
    `select user_id, erased_position from users where erased_position > 0 and ${d.inList('user_id', ':users', 'text')}`,
);
const untold = query<Record<never, never>, { user_id: string }>('select user_id from users where untold_profiles > 0');
const registrationToken = query<{ token: string }, RegistrationTokenRow>(
  'select * from registration_tokens where token = :token',
);
const registrationTokens = query<Record<never, never>, RegistrationTokenRow>(
  'select * from registration_tokens order by created_at desc, token',
);

export function accountStore(db: Reader): AccountStore {
  return {
    user: (user_id) => db.one(user, { user_id }),
    hasPeople: async () => (await db.one(person, {})) !== undefined,
    departing: () => db.all(departing, {}),
    guestsIn: (room) => (room === undefined ? db.all(guestsAnywhere, {}) : db.all(guestsIn, { room })),
    erasing: () => db.all(erasing, {}),
    hasErased: async () => (await db.one(anyErased, {})) !== undefined,
    erasedAmong: async (users) => (users.length === 0 ? [] : db.all(erasedAmong, { users })),
    withUntoldProfiles: () => db.all(untold, {}),
    registrationToken: (token) => db.one(registrationToken, { token }),
    registrationTokens: () => db.all(registrationTokens, {}),
  };
}

const one = { expectOne: true };

export const accountMutations = {
  'users.insert': insert('users', {
    user_id: 'text',
    password_hash: 'text',
    created_at: 'int',
    is_admin: 'int',
    is_guest: 'int',
    suspended: 'int',
    locked: 'int',
    appservice_id: 'text',
    deactivated_at: 'int',
    erased: 'int',
    departing: 'int',
  }),
  'users.setPassword': statement(
    { user_id: 'text', password_hash: 'text' },
    'update users set password_hash = :password_hash where user_id = :user_id and deactivated_at is null',
    one,
  ),
  'users.setAdmin': update('users', { user_id: 'text' }, { is_admin: 'int' }, one),
  'users.setSuspended': update('users', { user_id: 'text' }, { suspended: 'int' }, one),
  'users.setLimitPercent': update('users', { user_id: 'text' }, { limit_percent: 'int' }, one),
  'users.setUnlimited': update('users', { user_id: 'text' }, { unlimited: 'int' }, one),
  'users.agree': update('users', { user_id: 'text' }, { agreed_terms: 'text' }, one),
  'users.tellTerms': update('users', { user_id: 'text' }, { told_terms: 'text' }),
  'users.setLocked': update('users', { user_id: 'text' }, { locked: 'int' }, one),
  'users.deactivate': statement(
    { user_id: 'text', deactivated_at: 'int', erased: 'int', erased_position: 'int' },
    `update users set deactivated_at = :deactivated_at, erased = :erased, erasing = :erased, departing = 1,
     erased_position = :erased_position, password_hash = null, is_admin = 0, untold_profiles = 0 where user_id = :user_id and deactivated_at is null`,
    one,
  ),
  'users.upgradeGuest': statement(
    { user_id: 'text', password_hash: 'text' },
    `update users set is_guest = 0, password_hash = :password_hash
     where user_id = :user_id and is_guest = 1 and deactivated_at is null`,
    one,
  ),
  'users.departed': statement({ user_id: 'text' }, 'update users set departing = 0 where user_id = :user_id'),
  'users.vanished': statement({ user_id: 'text' }, 'update users set erasing = 0 where user_id = :user_id'),
  'users.profileChanged': statement(
    { user_id: 'text' },
    'update users set untold_profiles = untold_profiles + 1 where user_id = :user_id and deactivated_at is null',
  ),
  'users.profileTold': statement(
    { user_id: 'text', untold_profiles: 'int' },
    'update users set untold_profiles = untold_profiles - :untold_profiles where user_id = :user_id and untold_profiles >= :untold_profiles',
  ),

  'registration_tokens.insert': insert('registration_tokens', {
    token: 'text',
    uses_allowed: 'int',
    pending: 'int',
    completed: 'int',
    expires_at: 'int',
    created_at: 'int',
    grants_admin: 'int',
  }),
  'registration_tokens.update': update(
    'registration_tokens',
    { token: 'text' },
    { uses_allowed: 'int', expires_at: 'int' },
    one,
  ),
  'registration_tokens.delete': remove('registration_tokens', { token: 'text' }, one),
  'registration_tokens.deleteFirst': statement({}, 'delete from registration_tokens where grants_admin = 1'),
  'registration_tokens.reserve': statement(
    { token: 'text', now: 'int' },
    `update registration_tokens set pending = pending + 1 where token = :token
     and (uses_allowed is null or pending + completed < uses_allowed) and (expires_at is null or expires_at > :now)`,
    one,
  ),
  'registration_tokens.release': statement(
    { token: 'text' },
    'update registration_tokens set pending = pending - 1 where token = :token and pending > 0',
  ),
  'registration_tokens.complete': statement(
    { token: 'text' },
    `update registration_tokens set pending = pending - 1, completed = completed + 1
     where token = :token and pending > 0`,
  ),
} satisfies Partial<MutationDefinitions>;
