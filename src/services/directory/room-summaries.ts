import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { RoomRow } from '../../storage/contract/rooms.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { type RoomSummary, SUMMARY_TYPES, summarize } from './room-summary.ts';

/** Rooms that are read from storage with one query. */
const BATCH = 100;

/** Summaries of rooms. Those of many rooms are made without bringing all their state into memory. */
export class RoomSummaries {
  private readonly storage: Storage;
  private readonly rooms: RoomCache;
  private readonly known: Lru<number, RoomSummary>;
  /** Grows with every change of state, so that what was read before it is not kept. */
  private changes = 0;

  constructor(
    parts: { storage: Storage; rooms: RoomCache; events: EventCache; notices: NoticeBoard },
    limits: { summaries: number },
  ) {
    this.storage = parts.storage;
    this.rooms = parts.rooms;
    this.known = new Lru({ max: limits.summaries });
    parts.notices.on('roomFull', ({ roomId }) => {
      this.changes += 1;
      const room = this.rooms.peek(roomId);
      if (room) this.known.delete(room.nid);
    });
    const changed = ({ roomNid }: { roomNid: number }) => {
      this.changes += 1;
      this.known.delete(roomNid);
    };
    // State may be resolved to be another without an event that says so, and comes without such changes with a room.
    parts.notices.on('currentState', changed);
    parts.notices.on('timeline', (notice) => {
      if (parts.events.peek(notice.eventNid)?.stateKey !== undefined) changed(notice);
    });
  }

  of(room: Room): RoomSummary {
    const known = this.known.get(room.nid);
    if (known) return known;
    const summary = summarize(room.id, room.joinedCount, (type) => room.get(type, '')?.content);
    this.known.set(room.nid, summary);
    return summary;
  }

  /** In the same order. */
  async ofAll(rows: readonly RoomRow[]): Promise<RoomSummary[]> {
    const found = new Map<number, RoomSummary>();
    const missing: RoomRow[] = [];
    for (const row of rows) {
      const room = this.rooms.peek(row.room_id);
      const known = room ? this.of(room) : this.known.get(row.room_nid);
      if (known) found.set(row.room_nid, known);
      else missing.push(row);
    }
    for (let i = 0; i < missing.length; i += BATCH) await this.read(missing.slice(i, i + BATCH), found);
    return rows.map((row) => found.get(row.room_nid)!);
  }

  private async read(rows: readonly RoomRow[], into: Map<number, RoomSummary>): Promise<void> {
    const { changes } = this;
    const nids = rows.map((row) => row.room_nid);
    const { state, counts } = await this.storage.readHeavy(async (tx) => ({
      state: await tx.directory.stateOfRooms(nids, SUMMARY_TYPES),
      counts: await tx.directory.joinedCounts(nids),
    }));
    const contents = new Map(state.map((row) => [`${row.room_nid} ${row.type}`, contentOf(row.json)]));
    const joined = new Map(counts.map((row) => [row.room_nid, row.count]));
    for (const { room_nid: nid, room_id: roomId } of rows) {
      const summary = summarize(roomId, joined.get(nid) ?? 0, (type) => contents.get(`${nid} ${type}`));
      into.set(nid, summary);
      if (changes === this.changes) this.known.set(nid, summary);
    }
  }
}

function contentOf(json: string): JsonObject | undefined {
  const pdu: unknown = JSON.parse(json);
  const content = isJsonObject(pdu) ? pdu['content'] : undefined;
  return isJsonObject(content) ? content : undefined;
}
