import type { Migration } from '../src/storage/migration.ts';

/** What application services are to be told. */
export const appserviceEvents: Migration = {
  name: '0029-appservice-events',
  up({ table }) {
    table('appservice_events', { appservice_id: 'text', position: 'int', event_nid: 'int' }, [
      'appservice_id',
      'position',
    ]);
    // The transaction `txn_id` has the events up to stream position `up_to`, until it is taken; `up_to` is 0 while there
    // is none. After `attempts` failures it is tried again at `retry_at` (ms).
    table(
      'appservice_transactions',
      { appservice_id: 'text', txn_id: 'int', up_to: 'int', attempts: 'int', retry_at: 'int' },
      ['appservice_id'],
    );
  },
};
