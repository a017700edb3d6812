import type { JsonObject } from '../../protocol/json.ts';
import type { ReceiptRow } from '../../storage/contract/receipts.ts';

/** The thread id under which a receipt without a thread is stored. */
export const UNTHREADED = '';

/** What makes two receipts of a room the same one, moved: user, type and thread. */
export function receiptKey(row: Pick<ReceiptRow, 'user_id' | 'receipt_type' | 'thread_id'>): string {
  return `${row.receipt_type} ${row.user_id} ${row.thread_id}`;
}

/**
 * The content of `m.receipt` for receipts of a room, of which a later one replaces an earlier one with the same key.
 * Where a user has both a threaded and an unthreaded receipt at an event, the unthreaded one is sent, for the format
 * has room for one only.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mreceipt
 */
export function receiptContent(rows: Iterable<ReceiptRow>): JsonObject | undefined {
  const latest = new Map<string, ReceiptRow>();
  for (const row of rows) latest.set(receiptKey(row), row);
  if (latest.size === 0) return undefined;
  // Ids begin with a sigil, so that none of them is the name of something that objects have.
  const content: Record<string, Record<string, Record<string, { ts: number; thread_id?: string }>>> = {};
  for (const row of latest.values()) {
    content[row.event_id] ??= {};
    const byType = content[row.event_id]!;
    byType[row.receipt_type] ??= {};
    const byUser = byType[row.receipt_type]!;
    if (row.thread_id === UNTHREADED) byUser[row.user_id] = { ts: row.ts };
    else byUser[row.user_id] ??= { ts: row.ts, thread_id: row.thread_id };
  }
  return content;
}
