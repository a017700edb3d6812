import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';

/**
 * The stream position of each room's last event or receipt, or at which its state became whole: what tells a sync which rooms have moved without loading
 * them. Kept for rooms that somebody asked about, and for those that move.
 */
export class RoomPositions {
  private readonly last: Lru<string, number>;
  private readonly storage: Storage;

  constructor(storage: Storage, notices: NoticeBoard, limits: { rooms: number }) {
    this.storage = storage;
    this.last = new Lru({ max: limits.rooms });
    const moved = ({ roomId, position }: { roomId: string; position: number }) => this.moved(roomId, position);
    notices.on('timeline', moved);
    notices.on('receipt', moved);
    notices.on('roomFull', moved);
  }

  /** Whether the room has moved after `since`; undefined if only the database knows. */
  movedSince(roomId: string, since: number): boolean | undefined {
    const known = this.last.get(roomId);
    return known === undefined ? undefined : known > since;
  }

  /** Reads the positions of those rooms that are not known. */
  async load(rooms: readonly { readonly roomNid: number; readonly roomId: string }[]): Promise<void> {
    const missing = rooms.filter(({ roomId }) => !this.last.has(roomId)).map(({ roomNid }) => roomNid);
    if (missing.length === 0) return;
    const rows =
      missing.length > 50
        ? await this.storage.readHeavy((tx) => tx.rooms.lastPositions(missing))
        : await this.storage.read((tx) => tx.rooms.lastPositions(missing));
    for (const { room_id, position } of rows) this.moved(room_id, position);
  }

  private moved(roomId: string, position: number): void {
    if (position >= (this.last.get(roomId) ?? 0)) this.last.set(roomId, position);
  }
}
