import type { ReceiptRow } from '../../storage/contract/receipts.ts';
import { Lru } from '../../util/lru.ts';

interface RoomReceipts {
  /** Position of the newest receipt; 0 if there is none. */
  readonly last: number;
  /** `rows` are all receipts that came after this position. */
  readonly completeAfter: number;
  /** Oldest first. */
  readonly rows: readonly ReceiptRow[];
}

const KEPT_PER_ROOM = 64;

/** The newest receipts of rooms, so that syncs which keep up need no query. */
export class RecentReceipts {
  private readonly rooms: Lru<number, RoomReceipts>;
  /** A room that is not there has no receipt after this position. */
  private floor: number;

  /** `head`: the position up to which receipts were committed before this began to be told of them. */
  constructor(head: number, maxReceipts: number) {
    this.floor = head;
    this.rooms = new Lru({
      max: maxReceipts,
      sizeOf: ({ rows }) => 1 + rows.length,
      dispose: ({ last }, _roomNid, reason) => {
        if (reason === 'evict') this.floor = Math.max(this.floor, last);
      },
    });
  }

  /** Tells of a receipt that has been committed; in the order of positions. */
  put(row: ReceiptRow): void {
    const known = this.rooms.get(row.room_nid) ?? { last: this.floor, completeAfter: this.floor, rows: [] };
    if (row.position <= known.last) return;
    const rows = [...known.rows, row];
    const dropped = rows.length > KEPT_PER_ROOM ? rows.shift() : undefined;
    const completeAfter = dropped?.position ?? known.completeAfter;
    this.rooms.set(row.room_nid, { last: row.position, completeAfter, rows });
  }

  /** The receipts after `since`, oldest first; undefined if only the database knows. */
  after(roomNid: number, since: number): readonly ReceiptRow[] | undefined {
    const room = this.rooms.get(roomNid);
    if (since < (room?.completeAfter ?? this.floor)) return undefined;
    return room?.rows.filter((row) => row.position > since) ?? [];
  }
}
