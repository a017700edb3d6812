import type { Migration } from '../src/storage/migration.ts';

/** Events that one server alone is told of, as a newcomer is of what its join does not follow: '' for those that all are to get. */
export const eventsForOneServer: Migration = {
  name: '0038-events-for-one-server',
  up({ sql }) {
    sql("alter table outgoing_events add column recipient text not null default ''");
  },
};
