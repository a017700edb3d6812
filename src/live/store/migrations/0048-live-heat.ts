import type { Migration } from '../../../storage/migration.ts';

/** How many have watched each half minute of a session. */
export const liveHeat: Migration = {
  name: '0048-live-heat',
  up({ table, index }) {
    table('live_agg_30s', { channel_id: 'text', session_id: 'text', bucket: 'int', viewers: 'int', noted_at: 'int' }, [
      'session_id',
      'bucket',
    ]);
    index('live_agg_30s_age', 'live_agg_30s', ['noted_at']);
  },
};
