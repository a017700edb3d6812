import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { RulesOfUsers } from './notifications.ts';
import {
  type CountedEvent,
  NOTHING_UNREAD,
  type ReadUpTo,
  type RoomUnreadCounts,
  UnreadTally,
} from './unread-tally.ts';

/** Up to where a user has read a room. The same object until a receipt moves. */
export interface ReadMarks {
  readonly unthreaded: { readonly position: number } | undefined;
  readonly threads: ReadonlyMap<string, { readonly position: number }>;
}

export interface UnreadDependencies {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly userRooms: UserRooms;
  readonly receipts: { of(userId: string, roomNid: number): Promise<ReadMarks> };
  readonly accountData: { ignoredUsers(userId: string): ReadonlySet<string> | Promise<ReadonlySet<string>> };
  readonly pushRules: RulesOfUsers & { ownRulesSince(userId: string, roomId: string): number | undefined };
  readonly limits: {
    /** Rooms of users whose counts are kept in memory. */
    readonly unreadCounts: number;
    /** Unread events that are looked at one by one: beyond, threads and own messages are no longer told apart. */
    readonly unreadScan: number;
  };
}

interface Known {
  readonly tally: UnreadTally;
  readonly marks: ReadMarks;
  readonly ignored: ReadonlySet<string>;
  /** From where on the user's own rules count. */
  readonly ownSince: number | undefined;
  readonly joinedAt: number;
  /** The last redaction in the room, by its serial number. */
  readonly redaction: number;
  /** Stream position up to which events are in the tally. */
  upTo: number;
}

/**
 * How much a user has not read in a room, without rows per member: the room's running counter now, less that at the
 * receipt, less the user's own messages, those of ignored users and what was redacted; mentions and threads event by event.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#receiving-notifications
 */
export class Unread {
  private readonly d: UnreadDependencies;
  private readonly known: Lru<string, Known>;
  /** The serial number of the last redaction in a room. */
  private readonly redactions: Lru<string, number>;
  private redactionSerial = 0;
  /** The last one of a room that is not among them: no other that is not there can be newer. */
  private forgottenRedaction = 0;

  constructor(dependencies: UnreadDependencies) {
    this.d = dependencies;
    this.known = new Lru({ max: dependencies.limits.unreadCounts });
    dependencies.notices.on('purge', () => this.known.clear());
    this.redactions = new Lru({
      max: dependencies.limits.unreadCounts,
      dispose: (serial, _roomId, reason) => {
        if (reason !== 'set') this.forgottenRedaction = Math.max(this.forgottenRedaction, serial);
      },
    });
    dependencies.notices.on('redaction', ({ roomId }) => this.redactions.set(roomId, ++this.redactionSerial));
  }

  async counts(userId: string, room: Room): Promise<RoomUnreadCounts> {
    const userRoom = (await this.d.userRooms.of(userId)).get(room.id);
    if (userRoom?.membership !== 'join') return NOTHING_UNREAD;
    const marks = await this.d.receipts.of(userId, room.nid);
    const ignored = await this.d.accountData.ignoredUsers(userId);
    const ownSince = this.d.pushRules.ownRulesSince(userId, room.id);
    const redaction = this.redactions.get(room.id) ?? this.forgottenRedaction;
    const key = `${userId}\0${room.id}`;
    const known = this.known.get(key);
    const isRight =
      known?.marks === marks &&
      known.ignored === ignored &&
      known.ownSince === ownSince &&
      known.joinedAt === userRoom.position &&
      known.redaction === redaction;
    if (isRight && this.catchUp(userId, room, known)) return known.tally.counts;
    const joinedAt = userRoom.position;
    const read = readUpTo(marks, joinedAt);
    const upTo = room.lastPosition;
    const tally = new UnreadTally(read);
    const silenced = new Set([userId, ...ignored]);
    const rows = await this.rows(userId, room, read, silenced, upTo);
    // What came before the user had rules of their own was, and is, counted as for everybody.
    const byCounter = Math.min(ownSince ?? upTo, upTo);
    if (byCounter > read.earliest) await this.addCounted(tally, room, read, silenced, byCounter);
    for (const row of rows) tally.add(row.position > byCounter ? row : beyondEverybody(row));
    this.known.set(key, { tally, marks, ignored, ownSince, joinedAt, redaction, upTo });
    return tally.counts;
  }

  /** Counts events that came since, if all of them are in memory with whom they concern. */
  private catchUp(userId: string, room: Room, known: Known): boolean {
    if (room.lastPosition <= known.upTo) return true;
    if (room.recentAfter > known.upTo) return false;
    const fresh: StoredEvent[] = [];
    for (let i = room.recent.length - 1; i >= 0 && room.recent[i]!.position > known.upTo; i--) {
      const event = room.recent[i]!;
      if (event.notified === undefined) return false;
      fresh.push(event);
    }
    for (const event of fresh.reverse()) this.countFresh(userId, known, event);
    known.upTo = room.lastPosition;
    return true;
  }

  private countFresh(userId: string, known: Known, event: StoredEvent): void {
    const { position, threadRoot } = event;
    if (event.sender === userId || known.ignored.has(event.sender) || event.redactedBy !== undefined) return;
    const extra = event.notified?.find((user) => user.userId === userId);
    if (known.ownSince !== undefined) {
      if (extra) known.tally.add({ position, threadRoot, notify: extra.notify, highlight: extra.highlight });
      return;
    }
    const notify = (event.notify > 0 ? 1 : 0) + (extra?.notify ?? 0);
    const highlight = (event.notify === 2 ? 1 : 0) + (extra?.highlight ?? 0);
    known.tally.add({ position, threadRoot, notify, highlight });
  }

  /** What concerns the user alone: of users with rules of their own, each event that notifies them. */
  private async rows(userId: string, room: Room, read: ReadUpTo, silenced: ReadonlySet<string>, upTo: number) {
    const { storage, limits } = this.d;
    const rows = await storage.read((tx) =>
      tx.events.notificationsOf(userId, room.nid, read.earliest, limits.unreadScan),
    );
    return rows
      .filter(({ position, sender }) => position <= upTo && !silenced.has(sender))
      .map(({ thread_root, ...row }) => ({ ...row, threadRoot: thread_root ?? undefined }));
  }

  /** Counts what the default rules count, up to `upTo`. */
  private async addCounted(
    tally: UnreadTally,
    room: Room,
    read: ReadUpTo,
    silenced: ReadonlySet<string>,
    upTo: number,
  ): Promise<void> {
    const isNow = upTo >= room.lastPosition;
    const now = room.notifyMain;
    const { base, counted, rows } = await this.d.storage.read(async (tx) => ({
      // Of what was deleted nothing is unread.
      base: Math.max(
        (await tx.events.atOrBefore(room.nid, read.main))?.notify_main ?? 0,
        await tx.retention.floor(room.nid),
      ),
      counted: isNow ? now : ((await tx.events.atOrBefore(room.nid, upTo))?.notify_main ?? 0),
      rows: await tx.events.countingExceptions(room.nid, read.earliest, [...silenced], this.d.limits.unreadScan),
    }));
    tally.addMain(Math.max(0, counted - base));
    for (const row of rows) {
      const position = row.stream_position;
      if (position > upTo) continue;
      const isSilenced = silenced.has(row.sender) || row.is_redacted === 1;
      if (row.thread_root === null) {
        if (row.notify > 0 && isSilenced && position > read.main) tally.addMain(-1);
        if (row.notify === 2 && !isSilenced) tally.add({ position, threadRoot: undefined, notify: 0, highlight: 1 });
      } else if (!isSilenced && row.notify > 0) {
        tally.add({ position, threadRoot: row.thread_root, notify: 1, highlight: row.notify === 2 ? 1 : 0 });
      }
    }
  }
}

/** What a row says beyond what the event means for everybody: rows by own rules, which are gone, tell of both. */
function beyondEverybody(row: CountedEvent & { readonly notify_all: number }): CountedEvent {
  return {
    ...row,
    notify: row.notify_all > 0 ? 0 : row.notify,
    highlight: row.notify_all === 2 ? 0 : row.highlight,
  };
}

/** A receipt that names no thread covers all of them. Nothing from before the join is unread. */
function readUpTo(marks: ReadMarks, joinedAt: number): ReadUpTo {
  const all = Math.max(marks.unthreaded?.position ?? 0, joinedAt);
  return {
    main: Math.max(all, marks.threads.get('main')?.position ?? 0),
    earliest: all,
    thread: (root) => Math.max(all, marks.threads.get(root)?.position ?? 0),
  };
}
