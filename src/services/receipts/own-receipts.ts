import type { ReceiptRow } from '../../storage/contract/receipts.ts';
import { receiptKey, UNTHREADED } from './receipt-content.ts';

/** Up to where somebody has read. */
export interface ReadMark {
  readonly eventId: string;
  /** Stream position of the event. */
  readonly position: number;
}

/** Up to where a user has read a room, be it known to others (`m.read`) or not (`m.read.private`). */
export interface OwnReceipts {
  /** By the receipt that covers every thread. */
  readonly unthreaded: ReadMark | undefined;
  /** By thread: `main` or the id of the root. */
  readonly threads: ReadonlyMap<string, ReadMark>;
}

export const NO_RECEIPTS: OwnReceipts = { unthreaded: undefined, threads: new Map() };

/** A user's receipts in one room. */
export class OwnReceiptsOfRoom {
  private readonly rows = new Map<string, ReceiptRow>();
  /** Kept with every change, for it is read far more often. */
  view: OwnReceipts = NO_RECEIPTS;

  put(row: ReceiptRow): void {
    const known = this.rows.get(receiptKey(row));
    if (known && known.event_position >= row.event_position) return;
    this.rows.set(receiptKey(row), row);
    const threads = new Map<string, ReadMark>();
    let unthreaded: ReadMark | undefined;
    for (const { thread_id, event_id, event_position } of this.rows.values()) {
      const before = thread_id === UNTHREADED ? unthreaded : threads.get(thread_id);
      if (before && before.position >= event_position) continue;
      const mark = { eventId: event_id, position: event_position };
      if (thread_id === UNTHREADED) unthreaded = mark;
      else threads.set(thread_id, mark);
    }
    this.view = { unthreaded, threads };
  }

  /** Whether this receipt would move what is there forward. */
  wouldAdvance(row: Pick<ReceiptRow, 'user_id' | 'receipt_type' | 'thread_id' | 'event_position'>): boolean {
    const known = this.rows.get(receiptKey(row));
    return known === undefined || known.event_position < row.event_position;
  }
}
