import type { Migration } from '../../../storage/migration.ts';

/** Who has said what a replay shows, so that it can be deleted with an account. */
export const liveIndexByUser: Migration = {
  name: '0035-live-index-by-user',
  up({ index, sql }) {
    sql('alter table live_index add column user_id text');
    sql(`update live_index set user_id = (select sender from events where events.event_id = live_index.entry_id)
         where kind in ('m', 'nt', 'ps', 'pe')`);
    index('live_index_user', 'live_index', ['user_id'], { where: 'user_id is not null' });
    index('live_unban_requests_user', 'live_unban_requests', ['user_id']);
  },
};
