import type { Migration } from '../src/storage/migration.ts';

/** What became of events that were to be sent later, MSC4140. */
export const finalisedDelayedEvents: Migration = {
  name: '0033-finalised-delayed-events',
  up({ table, index }) {
    table(
      'finalised_delayed_events',
      {
        delay_id: 'text',
        user_id: 'text',
        room_id: 'text',
        type: 'text',
        state_key: 'text?',
        content: 'text',
        // Milliseconds.
        delay: 'int',
        running_since: 'int',
        finalised_at: 'int',
        // Of the event, if it was sent.
        event_id: 'text?',
        // The body of a refusal: JSON.
        error: 'text?',
      },
      ['delay_id'],
    );
    index('finalised_delayed_events_by_user', 'finalised_delayed_events', ['user_id', 'finalised_at']);
    index('finalised_delayed_events_by_time', 'finalised_delayed_events', ['finalised_at']);
  },
};
