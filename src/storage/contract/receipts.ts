import type { PositionOffset } from './write-set.ts';

export interface ReceiptRow {
  readonly room_nid: number;
  readonly user_id: string;
  /** `m.read` or `m.read.private`. */
  readonly receipt_type: string;
  /** `''` for an unthreaded receipt. */
  readonly thread_id: string;
  readonly event_id: string;
  /** Stream position of the event; 0 for one of the history before this server took part. */
  readonly event_position: number;
  readonly ts: number;
  readonly position: number;
}

export interface ReceiptStore {
  /** Receipts of a room with `after` < position ≤ `upTo`, oldest first; private ones only of `userId`. */
  changedSince(roomNid: number, after: number, upTo: number, userId: string): Promise<ReceiptRow[]>;
  /** All receipts of a user. */
  ofUser(userId: string): Promise<ReceiptRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** A conflict unless the receipt moves forward. */
    'receipts.advance': Omit<ReceiptRow, 'position'> & { readonly position: PositionOffset };
  }
}
