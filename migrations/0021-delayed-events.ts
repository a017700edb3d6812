import type { Migration } from '../src/storage/migration.ts';

/** Events that are to be sent later, MSC4140. */
export const delayedEvents: Migration = {
  name: '0021-delayed-events',
  up({ table, index }) {
    table(
      'delayed_events',
      {
        delay_id: 'text',
        user_id: 'text',
        device_id: 'text?',
        appservice_id: 'text?',
        is_guest: 'int',
        room_id: 'text',
        type: 'text',
        state_key: 'text?',
        content: 'text',
        origin_server_ts: 'int?',
        // Milliseconds.
        delay: 'int',
        // Since when the delay runs, and when it ends.
        running_since: 'int',
        send_at: 'int',
        // The head of the log when it was scheduled.
        scheduled_at: 'int',
      },
      ['delay_id'],
    );
    index('delayed_events_by_time', 'delayed_events', ['send_at']);
    index('delayed_events_by_user', 'delayed_events', ['user_id']);
  },
};
