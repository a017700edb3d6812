import { LRUCache } from 'lru-cache';
import type { Storage } from '../../storage/contract/storage.ts';
import type { NoticeBoard } from '../events.ts';

/**
 * Where each room's timeline ends: what tells a sync which rooms have moved without loading them. Kept for rooms that
 * somebody asked about.
 */
export class RoomPositions {
  private readonly last: LRUCache<number, number>;
  private readonly storage: Storage;

  constructor(storage: Storage, notices: NoticeBoard, limits: { rooms: number }) {
    this.storage = storage;
    this.last = new LRUCache({ max: limits.rooms });
    notices.on('timeline', ({ roomNid, position }) => this.last.set(roomNid, position));
  }

  /** Whether the room may have moved after `since`; undefined if only the database knows. */
  movedSince(roomNid: number, since: number): boolean | undefined {
    const known = this.last.get(roomNid);
    return known === undefined ? undefined : known > since;
  }

  /** Reads the positions of those rooms that are not known. */
  async load(roomNids: readonly number[]): Promise<void> {
    const missing = roomNids.filter((nid) => !this.last.has(nid));
    if (missing.length === 0) return;
    const read = missing.length > 50 ? this.storage.readHeavy : this.storage.read;
    const rows = await read.call(this.storage, (tx) => tx.rooms.lastPositions(missing));
    for (const row of rows as { room_nid: number; position: number | null }[]) {
      if ((this.last.get(row.room_nid) ?? 0) < (row.position ?? 0)) this.last.set(row.room_nid, row.position ?? 0);
    }
  }
}
