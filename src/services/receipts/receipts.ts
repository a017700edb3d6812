import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import type { ReceiptRow } from '../../storage/contract/receipts.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { LoadingCache } from '../../util/loading-cache.ts';
import type { AccountData } from '../account-data/account-data.ts';
import type { NoticeBoard } from '../events.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import { NO_RECEIPTS, type OwnReceipts, OwnReceiptsOfRoom } from './own-receipts.ts';
import { receiptContent, UNTHREADED } from './receipt-content.ts';
import { RecentReceipts } from './recent-receipts.ts';
import { isInThread } from './thread-of-event.ts';

export type ReceiptType = 'm.read' | 'm.read.private' | 'm.fully_read';

export function isReceiptType(text: string): text is ReceiptType {
  return text === 'm.read' || text === 'm.read.private' || text === 'm.fully_read';
}

export interface ReceiptsParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly accountData: AccountData;
  readonly limits: {
    /** Receipts kept in memory. */
    readonly receiptCacheEntries: number;
  };
}

/** A user's receipts by room; a new object with every change, so that the cache counts it again. */
interface UserReceipts {
  readonly rooms: Map<number, OwnReceiptsOfRoom>;
}

/**
 * Who has read up to where. A receipt never moves backwards: events are compared by their stream positions.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#receipts
 */
export class Receipts {
  private readonly parts: ReceiptsParts;
  private readonly recent: RecentReceipts;
  private readonly users: LoadingCache<string, UserReceipts>;

  constructor(parts: ReceiptsParts) {
    this.parts = parts;
    const max = parts.limits.receiptCacheEntries;
    this.recent = new RecentReceipts(parts.storage.head, max);
    this.users = new LoadingCache({
      load: async (userId) => byRoom(await parts.storage.read((tx) => tx.receipts.ofUser(userId))),
      max,
      sizeOf: ({ rooms }) => 1 + rooms.size,
    });
  }

  /**
   * A user has read up to an event. `threadId` is what the client said: absent for a receipt that covers all threads.
   * @throws 403 `M_FORBIDDEN` outside the room, 404 `M_NOT_FOUND` for an event that is not in it, 400 `M_INVALID_PARAM`
   */
  async send(
    userId: string,
    roomId: string,
    receiptType: string,
    eventId: string,
    threadId?: JsonValue,
  ): Promise<void> {
    if (!isReceiptType(receiptType)) throw invalidParam('There is no such receipt type');
    if (threadId !== undefined) checkThreadId(receiptType, threadId);
    const room = await this.joinedRoom(userId, roomId);
    const event = await this.eventIn(room, eventId);
    if (receiptType === 'm.fully_read') return this.setFullyRead(userId, room, event);
    if (typeof threadId === 'string' && !(await isInThread(this.parts.events, room, event, threadId))) {
      throw invalidParam('The event does not belong to the thread of thread_id');
    }
    await this.advance(userId, receiptType, event, typeof threadId === 'string' ? threadId : UNTHREADED);
  }

  /** Several at once, as `read_markers` gives them: by type, the id of an event. */
  async sendMarkers(userId: string, roomId: string, marks: ReadonlyMap<ReceiptType, string>): Promise<void> {
    const room = await this.joinedRoom(userId, roomId);
    const found: [ReceiptType, StoredEvent][] = [];
    for (const [type, eventId] of marks) found.push([type, await this.eventIn(room, eventId)]);
    await Promise.all(
      found.map(([type, event]) =>
        type === 'm.fully_read'
          ? this.setFullyRead(userId, room, event)
          : this.advance(userId, type, event, UNTHREADED),
      ),
    );
  }

  /**
   * Another server tells that one of its users has read up to the newest of these events. Unknown events say nothing, and
   * so do threads in which the event is not: there could be any number of them.
   */
  async told(userId: string, room: Room, eventIds: readonly string[], ts: number, threadId?: string): Promise<void> {
    if (!room.mayBeJoined(userId)) return;
    if (threadId !== undefined && Buffer.byteLength(threadId) > 255) return;
    let newest: StoredEvent | undefined;
    for (const eventId of eventIds) {
      const event = await this.parts.events.byId(eventId, room);
      if (event && event.position >= (newest?.position ?? 0)) newest = event;
    }
    if (!newest || (threadId !== undefined && !(await isInThread(this.parts.events, room, newest, threadId)))) return;
    await this.advance(userId, 'm.read', newest, threadId ?? UNTHREADED, ts);
  }

  /**
   * The content of the `m.receipt` event that tells `userId` of the receipts in a room with `since` < position ≤ `upTo`;
   * undefined if there are none. Private receipts are told to nobody but their owner.
   */
  async changedSince(roomNid: number, since: number, upTo: number, userId: string): Promise<JsonObject | undefined> {
    const rows =
      this.recent.after(roomNid, since) ??
      (await this.parts.storage.read((tx) => tx.receipts.changedSince(roomNid, since, upTo, userId)));
    const isTold = (row: ReceiptRow) =>
      row.position <= upTo && (row.receipt_type !== 'm.read.private' || row.user_id === userId);
    return receiptContent(rows.filter(isTold));
  }

  /** Up to where a local user has read a room. */
  async of(userId: string, roomNid: number): Promise<OwnReceipts> {
    const user = this.users.peek(userId) ?? (await this.users.get(userId));
    return user.rooms.get(roomNid)?.view ?? NO_RECEIPTS;
  }

  private async joinedRoom(userId: string, roomId: string): Promise<Room> {
    const room = await this.parts.rooms.get(roomId);
    if (!room?.isJoined(userId)) throw forbidden('You are not in this room');
    return room;
  }

  private async eventIn(room: Room, eventId: string): Promise<StoredEvent> {
    const event = await this.parts.events.byId(eventId, room);
    if (!event) throw notFound('This event is not in the room');
    return event;
  }

  private async setFullyRead(userId: string, room: Room, event: StoredEvent): Promise<void> {
    await this.parts.accountData.change(userId, room.id, 'm.fully_read', async (current) => {
      const before = current?.['event_id'];
      const known = typeof before === 'string' ? await this.parts.events.byId(before, room) : undefined;
      return known && known.position >= event.position ? undefined : { event_id: event.eventId };
    });
  }

  private async advance(
    userId: string,
    receiptType: string,
    event: StoredEvent,
    threadId: string,
    ts = this.parts.clock.now(),
  ): Promise<void> {
    const receipt = {
      room_nid: event.roomNid,
      user_id: userId,
      receipt_type: receiptType,
      thread_id: threadId,
      event_id: event.eventId,
      event_position: event.position,
      ts,
    };
    const own = (await this.users.get(userId)).rooms.get(event.roomNid);
    if (own && !own.wouldAdvance(receipt)) return;
    const set = new WriteSet();
    const offset = set.nextPosition();
    set.add('receipts.advance', { ...receipt, position: offset });
    set.onCommitted((committed) => this.committed(event.roomId, { ...receipt, position: committed.position(offset) }));
    try {
      await this.parts.storage.commit(set);
    } catch (error) {
      // Another request has moved the receipt as far or further: that is what this one wanted.
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  private committed(roomId: string, row: ReceiptRow): void {
    this.recent.put(row);
    this.users.update(row.user_id, (user) => putReceipt(user, row));
    const { user_id: userId, receipt_type: receiptType, event_id: eventId, thread_id: threadId, ts, position } = row;
    this.parts.notices.publish('receipt', { roomId, userId, receiptType, eventId, threadId, ts, position });
  }
}

function checkThreadId(receiptType: ReceiptType, threadId: JsonValue): void {
  if (typeof threadId !== 'string' || threadId === '')
    throw invalidParam('thread_id is not a text that says something');
  if (receiptType === 'm.fully_read') throw invalidParam('m.fully_read has no thread_id');
  if (Buffer.byteLength(threadId) > 255) throw invalidParam('thread_id is too long');
}

function byRoom(rows: readonly ReceiptRow[]): UserReceipts {
  return rows.reduce(putReceipt, { rooms: new Map() });
}

function putReceipt(user: UserReceipts, row: ReceiptRow): UserReceipts {
  let room = user.rooms.get(row.room_nid);
  if (!room) {
    room = new OwnReceiptsOfRoom();
    user.rooms.set(row.room_nid, room);
  }
  room.put(row);
  return { rooms: user.rooms };
}
