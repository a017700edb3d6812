import type { ReportRow, ReportStore } from '../contract/reports.ts';
import { type MutationDefinitions, statement } from './mutation.ts';
import { query, type Reader } from './query.ts';

const newest = query<{ before: number; limit: number }, ReportRow>(
  'select * from reports where report_id < :before order by report_id desc limit :limit',
);
const count = query<Record<never, never>, { n: number }>('select count(*) as n from reports');

export function reportStore(db: Reader): ReportStore {
  return {
    newest: (before, limit) => db.all(newest, { before, limit }),
    count: async () => (await db.one(count, {}))!.n,
  };
}

export const reportMutations = {
  'reports.insert': statement(
    { reporter: 'text', room_id: 'text', event_id: 'text', user_id: 'text', reason: 'text', created_at: 'int' },
    `insert into reports (report_id, reporter, room_id, event_id, user_id, reason, created_at)
     values ((select coalesce(max(report_id), 0) + 1 from reports),
       :reporter, :room_id, :event_id, :user_id, :reason, :created_at)`,
  ),
  'reports.trim': statement(
    { reporter: 'text', keep: 'int' },
    `delete from reports where reporter = :reporter and report_id <= (
       select report_id from reports where reporter = :reporter order by report_id desc limit 1 offset :keep)`,
  ),
} satisfies Partial<MutationDefinitions>;
