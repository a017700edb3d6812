import type { Migration } from '../../../storage/migration.ts';

/** How much channels take of which words: levels by category, as JSON. */
export const liveAutomod: Migration = {
  name: '0041-live-automod',
  up({ table }) {
    table('live_automod', { channel_id: 'text', levels: 'text', action: 'text', by_user: 'text', changed_at: 'int' }, [
      'channel_id',
    ]);
  },
};
