import type { Migration } from '../src/storage/migration.ts';

/** Where notifications of users are sent, and how far that has got. */
export const pushers: Migration = {
  name: '0013-pushers',
  up({ table, index }) {
    table(
      'pushers',
      {
        user_id: 'text',
        app_id: 'text',
        pushkey: 'text',
        // Whose end is the end of the pusher.
        device_id: 'text?',
        kind: 'text',
        app_display_name: 'text',
        device_display_name: 'text',
        profile_tag: 'text?',
        lang: 'text',
        // JSON, as the client gave it.
        data: 'text',
        enabled: 'int',
        created_at: 'int',
        // Stream position up to which the gateway has been told.
        position: 'int',
      },
      ['user_id', 'app_id', 'pushkey'],
    );
    index('pushers_by_key', 'pushers', ['pushkey', 'app_id']);
  },
};
