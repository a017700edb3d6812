import { notFound } from '../../protocol/errors.ts';
import type { ReadTx } from '../../storage/contract/read-tx.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Room } from '../timeline/room.ts';
import type { ServerAccess } from '../timeline/server-access.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { EventPages } from './event-pages.ts';
import type { HistoryVisibility } from './history-visibility.ts';
import type { RoomAccess } from './room-access.ts';
import type { ServerVisibility } from './server-visibility.ts';

/** Clocks of senders differ: this many events around the place that fits are compared. */
const AROUND = 50;
/** Stretches of events that the user may not see are passed over, so many at most. */
const STRETCHES = 10;

export interface EventByTimeParts {
  readonly storage: Storage;
  readonly pages: EventPages;
  readonly access: RoomAccess;
  readonly visibility: HistoryVisibility;
  readonly serverAccess: ServerAccess;
  readonly serverVisibility: ServerVisibility;
}

/** Those of the events that whoever asks may see. */
type Sieve = (events: readonly StoredEvent[]) => Promise<readonly StoredEvent[]>;

/** Finds the event of a room that was sent closest to a time. */
export class EventByTime {
  private readonly parts: EventByTimeParts;

  constructor(parts: EventByTimeParts) {
    this.parts = parts;
  }

  /**
   * The first event at or after `ts` (`f`), or the last at or before it (`b`), that the user may see.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidtimestamp_to_event
   * @throws M_FORBIDDEN, M_NOT_FOUND
   */
  async find(userId: string, roomId: string, ts: number, dir: 'f' | 'b'): Promise<StoredEvent> {
    const { access, storage, visibility } = this.parts;
    const { room, leftBy } = await access.of(userId, roomId);
    const newest = leftBy?.position ?? storage.head;
    return this.search(room, newest, ts, dir, (events) => visibility.filter(room, userId, events));
  }

  /**
   * The same of what a server may see.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1timestamp_to_eventroomid
   * @throws M_FORBIDDEN, M_NOT_FOUND
   */
  async findForServer(serverName: string, roomId: string, ts: number, dir: 'f' | 'b'): Promise<StoredEvent> {
    const { serverAccess, serverVisibility, storage } = this.parts;
    const room = await serverAccess.sharedRoom(serverName, roomId);
    return this.search(room, storage.head, ts, dir, async (events) => [
      ...(await serverVisibility.filter(room, serverName, events)),
    ]);
  }

  private async search(room: Room, newest: number, ts: number, dir: 'f' | 'b', sieve: Sieve): Promise<StoredEvent> {
    const place = await this.parts.storage.readHeavy((tx) => firstAtOrAfter(tx, room.nid, ts, newest));
    const fits = (event: StoredEvent) => (dir === 'f' ? event.originServerTs >= ts : event.originServerTs <= ts);
    let found: StoredEvent | undefined;
    let at: number | undefined = place;
    for (let n = 0; n < STRETCHES && at !== undefined && !found; n++) {
      const events: StoredEvent[] = await this.stretch(room, at, newest, n === 0 ? 'both' : dir);
      found = closest(await sieve(events.filter(fits)), ts);
      at = dir === 'f' ? events.at(-1)?.position : before(events[0]);
    }
    if (!found) throw notFound(`There is no event ${dir === 'f' ? 'after' : 'before'} this time that you can see`);
    return found;
  }

  /** Events around a position, or on one side of it, oldest first. */
  private async stretch(room: Room, at: number, newest: number, side: 'f' | 'b' | 'both'): Promise<StoredEvent[]> {
    const { pages } = this.parts;
    const point = room.pointAt(at);
    const older = side === 'f' ? [] : await pages.backwards(room, point, AROUND);
    const newer = side === 'b' ? [] : await pages.forwards(room, point, newest, AROUND);
    return [...older.reverse(), ...newer];
  }
}

/**
 * The position of about the first event at or after a time. Events come in nearly in the order of their times, so that
 * halving the positions leads there.
 */
async function firstAtOrAfter(tx: ReadTx, roomNid: number, ts: number, newest: number): Promise<number> {
  let low = 0;
  let high = newest;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const event = await tx.events.atOrBefore(roomNid, middle);
    if (event && event.origin_server_ts >= ts) high = Math.min(middle, event.stream_position ?? middle) - 1;
    else low = middle + 1;
  }
  return Math.max(low, 0);
}

/** The position before an event; undefined before the first. */
function before(event: StoredEvent | undefined): number | undefined {
  return event === undefined || event.type === 'm.room.create' ? undefined : event.position - 1;
}

function closest(events: readonly StoredEvent[], ts: number): StoredEvent | undefined {
  let best: StoredEvent | undefined;
  for (const event of events) {
    if (!best || Math.abs(event.originServerTs - ts) < Math.abs(best.originServerTs - ts)) best = event;
  }
  return best;
}
