import type { Migration } from '../src/storage/migration.ts';

/** People: accounts, how they prove who they are, their devices and profiles. Tokens are stored as SHA-256 hashes. */
export const accounts: Migration = {
  name: '0002-accounts',
  up({ table, index }) {
    table(
      'users',
      {
        user_id: 'text',
        // argon2id in PHC form; null for accounts that cannot log in with a password.
        password_hash: 'text?',
        created_at: 'int',
        is_admin: 'int',
        is_guest: 'int',
        suspended: 'int',
        locked: 'int',
        appservice_id: 'text?',
        deactivated_at: 'int?',
        // 1 if the user asked for erasure of content when deactivating.
        erased: 'int',
        // 1 while a deactivated user may still be in rooms.
        departing: 'int',
      },
      ['user_id'],
    );
    index('users_departing', 'users', ['user_id'], { where: 'departing = 1' });

    table(
      'registration_tokens',
      {
        token: 'text',
        uses_allowed: 'int?',
        // Registrations that have shown the token and are not finished.
        pending: 'int',
        completed: 'int',
        expires_at: 'int?',
        created_at: 'int',
        // 1 for the token of the first start, whose user becomes an administrator.
        grants_admin: 'int',
      },
      ['token'],
    );

    table(
      'uia_sessions',
      {
        session_hash: 'bytes',
        operation: 'text',
        // Who confirms; '' when registering.
        user_id: 'text',
        // Of the body without `auth`, keyed with the session id, which is not stored.
        body_mac: 'bytes?',
        expires_at: 'int',
        // Who was registered with it.
        registered_user: 'text?',
      },
      ['session_hash'],
    );
    index('uia_sessions_by_expiry', 'uia_sessions', ['expires_at']);
    table('uia_stages', { session_hash: 'bytes', stage: 'text', detail: 'text?' }, ['session_hash', 'stage']);

    table(
      'devices',
      {
        user_id: 'text',
        device_id: 'text',
        display_name: 'text?',
        created_at: 'int',
        last_seen_ts: 'int?',
        last_seen_ip: 'text?',
        last_seen_user_agent: 'text?',
      },
      ['user_id', 'device_id'],
    );

    // An access token and the refresh token that came with it.
    table(
      'token_pairs',
      {
        access_hash: 'bytes',
        user_id: 'text',
        device_id: 'text',
        access_expires_at: 'int?',
        refresh_hash: 'bytes?',
        refresh_expires_at: 'int?',
        // The pair that this one came from by refreshing, until this one is used: the reply may have been lost.
        replaces: 'bytes?',
        created_at: 'int',
      },
      ['access_hash'],
    );
    index('token_pairs_by_refresh', 'token_pairs', ['refresh_hash'], {
      unique: true,
      where: 'refresh_hash is not null',
    });
    index('token_pairs_by_device', 'token_pairs', ['user_id', 'device_id']);
    index('token_pairs_by_replaced', 'token_pairs', ['replaces'], { where: 'replaces is not null' });

    table('login_tokens', { token_hash: 'bytes', user_id: 'text', expires_at: 'int' }, ['token_hash']);
    table('openid_tokens', { token_hash: 'bytes', user_id: 'text', expires_at: 'int' }, ['token_hash']);

    // `value` is JSON.
    table('profile_fields', { user_id: 'text', field: 'text', value: 'text' }, ['user_id', 'field']);
  },
};
