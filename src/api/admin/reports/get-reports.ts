import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Reports } from '../../../services/moderation/reports.ts';

/** `GET /_igchat/admin/v1/reports` */
export const getReports = endpoint({
  name: 'getReports',
  extension: 'the specification leaves it to servers how administrators learn of reports',
  summary: 'What users have reported, newest first',
  method: 'get',
  paths: ['/_igchat/admin/v1/reports'],
  auth: 'admin',
  rateLimit: 'general',
  query: Type.Object({
    from: Type.Integer({ minimum: 1, default: Number.MAX_SAFE_INTEGER }),
    limit: Type.Integer({ minimum: 1, default: 100 }),
  }),
  response: Type.Object({
    reports: Type.Array(
      Type.Object({
        id: Type.Integer(),
        reporter: Type.String(),
        reason: Type.String(),
        ts: Type.Integer(),
        room_id: Type.Optional(Type.String()),
        event_id: Type.Optional(Type.String()),
        user_id: Type.Optional(Type.String()),
      }),
    ),
    total: Type.Integer(),
    next_token: Type.Optional(Type.Integer()),
  }),
  async handle({ query }, { reports }: { reports: Reports }) {
    const { reports: rows, total, next } = await reports.list(query.from, query.limit);
    return {
      reports: rows.map((row) => ({
        id: row.report_id,
        reporter: row.reporter,
        reason: row.reason,
        ts: row.created_at,
        ...(row.room_id === null ? {} : { room_id: row.room_id }),
        ...(row.event_id === null ? {} : { event_id: row.event_id }),
        ...(row.user_id === null ? {} : { user_id: row.user_id }),
      })),
      total,
      ...(next === undefined ? {} : { next_token: next }),
    };
  },
});
