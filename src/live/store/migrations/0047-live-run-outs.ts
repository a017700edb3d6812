import type { Migration } from '../../../storage/migration.ts';

/**
 * What ends by itself in channels, whom the private rooms of moderators have asked in, what was cleared from screens, and
 * who has chatted before.
 */
export const liveRunOuts: Migration = {
  name: '0047-live-run-outs',
  up({ table, index, sql }) {
    table('live_run_outs', { channel_id: 'text', what: 'text', ends_at: 'int' }, ['channel_id', 'what']);
    sql("alter table live_mod_rooms add column moderators text not null default '[]'");
    table('live_clearings', { channel_id: 'text', user_id: 'text', place: 'int', cleared_at: 'int' }, [
      'channel_id',
      'user_id',
    ]);
    index('live_clearings_age', 'live_clearings', ['cleared_at']);
    table('live_chatters', { channel_id: 'text', user_id: 'text', first_at: 'int' }, ['channel_id', 'user_id']);
    index('live_chatters_user', 'live_chatters', ['user_id']);
  },
};
