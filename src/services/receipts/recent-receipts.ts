import type { ReceiptRow } from '../../storage/contract/receipts.ts';

/** The newest receipts of a room, so that syncs which keep up need no query. */
export interface RecentReceipts {
  /** Position of the newest receipt; 0 if there is none. */
  readonly last: number;
  /** `rows` are all receipts that came after this position. */
  readonly completeAfter: number;
  /** Oldest first. */
  readonly rows: readonly ReceiptRow[];
}

const KEPT = 64;

export function knownUpTo(position: number): RecentReceipts {
  return { last: position, completeAfter: position, rows: [] };
}

/** With a receipt that has been committed; one that was known is not added again. */
export function withReceipt(recent: RecentReceipts, row: ReceiptRow): RecentReceipts {
  if (row.position <= recent.last) return recent;
  const rows = [...recent.rows, row];
  const dropped = rows.length > KEPT ? rows.shift() : undefined;
  return { last: row.position, completeAfter: dropped?.position ?? recent.completeAfter, rows };
}
