import type { Migration } from '../src/storage/migration.ts';

/** What users report to the administrators. */
export const reports: Migration = {
  name: '0012-reports',
  up({ table, index }) {
    table(
      'reports',
      {
        report_id: 'int',
        reporter: 'text',
        // The one of these that is reported; of an event also its room and sender.
        room_id: 'text?',
        event_id: 'text?',
        user_id: 'text?',
        reason: 'text',
        created_at: 'int',
      },
      ['report_id'],
    );
    index('reports_by_reporter', 'reports', ['reporter', 'report_id']);
  },
};
