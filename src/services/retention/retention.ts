import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { EventRow } from '../../storage/contract/events.ts';
import type { RoomRow } from '../../storage/contract/rooms.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import type { NoticeBoard } from '../events.ts';
import { removeDerived } from '../timeline/derived-rows.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { RETENTION, type RetentionPolicy } from './retention-policy.ts';
import type { UnusedMedia } from './unused-media.ts';

export interface RetentionParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly policy: RetentionPolicy;
  readonly media: UnusedMedia;
  readonly logger: Logger;
  readonly settings: {
    readonly enabled: boolean;
    /** Milliseconds. */
    readonly purgeInterval: number;
    /** Retries of what was sent within this time must still find it. */
    readonly transactionWindow: number;
  };
}

/** Rooms looked at in one go. */
const ROOMS = 200;
/** Messages deleted in one write. */
const EVENTS = 200;
/** Writes in one run: the next one goes on. */
const WRITES = 50;

/**
 * Deletes messages whose time is over, with what was derived of them: relations, mentions, words, and files that no
 * other message shows. State stays, and so does the newest event of a room, which is only hidden.
 */
export class Retention {
  readonly #parts: RetentionParts;
  /** The last room that is done with. */
  #doneWith = 0;
  #nextAt = 0;
  #beganAt = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /**
   * Deletes a good part of what is due; who calls it again goes on there, after a restart from the first room on. It runs
   * once at a time: who calls it meanwhile has its turn after that.
   */
  run(): Promise<void> {
    const run = this.#last.then(() => this.#runOnce());
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #runOnce(): Promise<void> {
    const { settings, clock, storage, media } = this.#parts;
    // Those that a stop has left.
    await media.removeUnused();
    if (!settings.enabled || clock.now() < this.#nextAt) return;
    if (this.#doneWith === 0) this.#beganAt = clock.now();
    for (let left = WRITES; left > 0; ) {
      const rooms = await storage.readHeavy((tx) => tx.retention.rooms(this.#doneWith, ROOMS));
      if (rooms.length === 0) {
        this.#doneWith = 0;
        this.#nextAt = this.#beganAt + settings.purgeInterval;
        return;
      }
      left = await this.#purgeRooms(rooms, left);
    }
  }

  /** Answers how many writes are left. */
  async #purgeRooms(rooms: readonly RoomRow[], writes: number): Promise<number> {
    const { storage, policy, clock, settings } = this.#parts;
    const nids = rooms.map(({ room_nid: nid }) => nid);
    const wishes = await storage.readHeavy((tx) => tx.directory.stateOfRooms(nids, [RETENTION]));
    const contents = new Map(wishes.map(({ room_nid: nid, json }) => [nid, contentOf(json)]));
    let left = writes;
    for (const room of rooms) {
      const cutoff = policy.cutoffBy(contents.get(room.room_nid));
      if (cutoff !== undefined) {
        const before = Math.min(cutoff, clock.now() - settings.transactionWindow);
        while (await this.#purge(room, before)) {
          left -= 1;
          // The rest of the room is for the next run.
          if (left <= 0) return left;
        }
      }
      this.#doneWith = room.room_nid;
    }
    return left - 1;
  }

  /** Deletes some messages; answers whether there may be more. */
  async #purge({ room_nid: nid, room_id: roomId }: RoomRow, before: number): Promise<boolean> {
    const { storage, media, logger } = this.#parts;
    const rows = await storage.readHeavy((tx) => tx.retention.expired(nid, before, EVENTS));
    if (rows.length === 0) return false;
    const set = new WriteSet();
    for (const { event_nid } of rows) set.add('events.delete', { event_nid });
    removeDerived(set, rows);
    const nids = rows.map((row) => row.event_nid);
    for (const reference of await storage.read((tx) => tx.retention.mediaOf(nids))) {
      set.add('media_references.delete', reference).add('unused_files.put', { mxc: reference.mxc });
    }
    await this.#raiseFloor(set, nid, rows, before);
    set.onCommitted(() => this.#forget(roomId, rows));
    await storage.commit(set);
    await media.removeUnused();
    logger.debug({ roomId, events: rows.length }, 'messages whose time was over were deleted');
    return rows.length === EVENTS;
  }

  /** Nothing that is gone is unread. What says that it is older than what came before it does not count that as read. */
  async #raiseFloor(set: WriteSet, nid: number, rows: readonly EventRow[], before: number): Promise<void> {
    const last = Math.max(0, ...rows.map((row) => row.stream_position ?? 0));
    const { floor, kept } = await this.#parts.storage.readHeavy(async (tx) => ({
      floor: await tx.retention.floor(nid),
      kept: await tx.retention.firstKept(nid, before, last),
    }));
    // Events of the past carry the count of the time when they were fetched.
    const counts = rows.map(({ stream_position: position, notify_main: count }) =>
      position !== null && position < (kept ?? Number.POSITIVE_INFINITY) ? count : 0,
    );
    const counted = Math.max(...counts);
    if (counted > floor) set.add('retention_floors.put', { room_nid: nid, notify_main: counted });
  }

  /** What is in memory goes, too. */
  #forget(roomId: string, rows: readonly EventRow[]): void {
    const { events, rooms, notices } = this.#parts;
    const room = rooms.peek(roomId);
    for (const row of rows) {
      const event = events.ofRow(row, roomId);
      room?.withdraw(event);
      notices.publish('redaction', { roomId, eventId: row.event_id });
      events.remove(event);
    }
    notices.publish('purge', { roomId });
  }
}

/** Of an event's JSON. */
function contentOf(json: string): JsonObject {
  const { content } = JSON.parse(json) as { content?: unknown };
  return isJsonObject(content) ? content : {};
}
