import { invalidParam } from '../../protocol/errors.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventPages } from '../history/event-pages.ts';
import type { EventPresenter, Viewer } from '../history/event-presenter.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { ReadMarks } from '../unread/unread.ts';
import type { NotifiedEvent, NotifiedEvents } from './notified-events.ts';

export interface NotificationListParts {
  readonly storage: Storage;
  readonly userRooms: UserRooms;
  readonly rooms: RoomCache;
  readonly pages: EventPages;
  readonly notified: NotifiedEvents;
  readonly receipts: { of(userId: string, roomNid: number): Promise<ReadMarks> };
  readonly presenter: EventPresenter;
  readonly limits: { readonly pageMax: number; readonly notificationsScan: number };
}

/** Events of a room that are read at once. */
const STRETCH = 50;
const TOKEN = /^n(\d{1,15})$/;

/** A room on the way back through its events. */
interface Walk {
  readonly roomId: string;
  readonly joinedAt: number;
  /** Position of the newest event that has not been looked at, or a later one; 0 at the end. */
  at: number;
  /** What was found there and has not been given. */
  readonly found: NotifiedEvent[];
}

/**
 * What users were notified of, over all of their rooms, newest first.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#listing-notifications
 */
export class NotificationList {
  private readonly parts: NotificationListParts;

  constructor(parts: NotificationListParts) {
    this.parts = parts;
  }

  /** A page as JSON. @throws 400 `M_INVALID_PARAM` for tokens that are not of this server */
  async page(
    viewer: Viewer,
    { from, limit, onlyHighlights }: { from: string | undefined; limit: number; onlyHighlights: boolean },
  ): Promise<string> {
    const before = from === undefined || from === '' ? Number.MAX_SAFE_INTEGER : pointOf(from);
    const most = Math.min(limit, this.parts.limits.pageMax);
    const { found, next } = await this.collect(viewer.userId, before, most, onlyHighlights);
    const listed: string[] = [];
    for (const one of found) listed.push(await this.json(viewer, one));
    const token = next === undefined ? '' : `,"next_token":"n${next}"`;
    return `{"notifications":[${listed.join(',')}]${token}}`;
  }

  /** The newest of all rooms: always from the room whose next event is the newest. */
  private async collect(userId: string, before: number, most: number, onlyHighlights: boolean) {
    const walks = await this.walks(userId, before);
    const found: NotifiedEvent[] = [];
    for (let scanned = 0; found.length < most && scanned < this.parts.limits.notificationsScan; ) {
      const walk = newestOf(walks);
      if (!walk) return { found, next: undefined };
      const head = walk.found[0];
      if (head && head.event.position >= walk.at) {
        walk.found.shift();
        if (!onlyHighlights || head.outcome.highlight) found.push(head);
      } else {
        scanned += await this.advance(userId, walk);
      }
    }
    const left = newestOf(walks);
    return { found, next: left && keyOf(left) + 1 };
  }

  private async walks(userId: string, before: number): Promise<Walk[]> {
    const { storage, userRooms } = this.parts;
    const joined = [...(await userRooms.of(userId)).values()].filter(({ membership }) => membership === 'join');
    const nids = joined.map(({ roomNid }) => roomNid);
    const rows = nids.length === 0 ? [] : await storage.readHeavy((tx) => tx.rooms.lastPositions(nids));
    const last = new Map(rows.map((row) => [row.room_id, row.position]));
    return joined.map(({ roomId, position }) => {
      const at = Math.min(last.get(roomId) ?? 0, before - 1);
      return { roomId, joinedAt: position, at: at > position ? at : 0, found: [] };
    });
  }

  /** Looks at the next stretch of a room; answers how many events that were. */
  private async advance(userId: string, walk: Walk): Promise<number> {
    const room = await this.parts.rooms.get(walk.roomId);
    const events = room ? await this.parts.pages.backwards(room, room.pointAt(walk.at), STRETCH) : [];
    const fresh = events.filter((event) => event.position > walk.joinedAt);
    walk.found.push(...(await this.parts.notified.notifying(userId, room, fresh)));
    const isLast = events.length < STRETCH || fresh.length < events.length;
    walk.at = isLast ? 0 : events.at(-1)!.position - 1;
    return Math.max(1, events.length);
  }

  private async json(viewer: Viewer, { room, event, outcome }: NotifiedEvent): Promise<string> {
    const marks = await this.parts.receipts.of(viewer.userId, event.roomNid);
    const [shown] = await this.parts.presenter.present(viewer, room as Room, [event]);
    const rest = { read: isRead(event, marks), room_id: event.roomId, ts: event.originServerTs };
    return `{"actions":${JSON.stringify(outcome.actions)},"event":${shown},${JSON.stringify(rest).slice(1)}`;
  }
}

/** Position of the next event of a walk, or more. */
function keyOf({ at, found }: Walk): number {
  return Math.max(at, found[0]?.event.position ?? 0);
}

function newestOf(walks: readonly Walk[]): Walk | undefined {
  let newest: Walk | undefined;
  for (const walk of walks) if (keyOf(walk) > (newest ? keyOf(newest) : 0)) newest = walk;
  return newest;
}

function pointOf(token: string): number {
  const match = TOKEN.exec(token);
  if (!match) throw invalidParam('from is not a token of this server');
  return Number(match[1]);
}

function isRead({ position, threadRoot }: StoredEvent, { unthreaded, threads }: ReadMarks): boolean {
  const mark = threads.get(threadRoot ?? 'main');
  return position <= Math.max(unthreaded?.position ?? 0, mark?.position ?? 0);
}
