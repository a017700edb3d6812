import { notFound } from '../../protocol/errors.ts';
import type { ReadTx } from '../../storage/contract/read-tx.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Room } from '../timeline/room.ts';
import type { ServerAccess } from '../timeline/server-access.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { EventByTimeElsewhere } from './event-by-time-elsewhere.ts';
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
  /** Without it, no other server is asked. */
  readonly elsewhere?: EventByTimeElsewhere;
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
    const sieve: Sieve = (events) => visibility.filter(room, userId, events);
    const found = await this.search(room, newest, ts, dir, sieve);
    const other = leftBy ? undefined : await this.elsewhere(room, newest, ts, dir, found, sieve);
    if (!other && !found) throw nothingFound(dir);
    return (other ?? found)!;
  }

  /** What another server knows and is closer, where something is missing beside what was found here. */
  private async elsewhere(
    room: Room,
    newest: number,
    ts: number,
    dir: 'f' | 'b',
    found: StoredEvent | undefined,
    sieve: Sieve,
  ): Promise<StoredEvent | undefined> {
    const chunk = await this.chunkBeside(room, newest, dir, found);
    if (chunk === undefined) return undefined;
    const other = await this.parts.elsewhere?.closer(room, chunk, ts, dir, found?.originServerTs);
    return other && (await sieve([other]))[0];
  }

  /**
   * The chunk beside which there may be something closer to the time than what was found: before it history is missing,
   * or was fetched later than the rest and so is not in the order of positions.
   */
  private async chunkBeside(
    room: Room,
    newest: number,
    dir: 'f' | 'b',
    found: StoredEvent | undefined,
  ): Promise<number | undefined> {
    const isWhole = room.gaps.size === 0 && (room.get('m.room.create', '')?.position ?? 0) > 0;
    if (isWhole || !found) return isWhole ? undefined : room.liveChunk;
    const { pages } = this.parts;
    const at = { chunk: found.chunk, index: found.chunkIndex };
    const [neighbour] =
      dir === 'f'
        ? (await pages.backwards(room, at, 2)).slice(1)
        : await pages.forwards(room, at, Math.max(newest, found.position), 1);
    if (!neighbour && dir === 'b') return undefined;
    const isAmongLive = found.position > 0 && (neighbour?.position ?? 0) > 0 && neighbour?.chunk === found.chunk;
    return isAmongLive ? undefined : (dir === 'f' ? found : neighbour!).chunk;
  }

  /**
   * The same of what a server may see.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1timestamp_to_eventroomid
   * @throws M_FORBIDDEN, M_NOT_FOUND
   */
  async findForServer(serverName: string, roomId: string, ts: number, dir: 'f' | 'b'): Promise<StoredEvent> {
    const { serverAccess, serverVisibility, storage } = this.parts;
    const room = await serverAccess.sharedRoom(serverName, roomId);
    const sieve: Sieve = async (events) => [...(await serverVisibility.filter(room, serverName, events))];
    const found = await this.search(room, storage.head, ts, dir, sieve);
    if (!found) throw nothingFound(dir);
    return found;
  }

  private async search(
    room: Room,
    newest: number,
    ts: number,
    dir: 'f' | 'b',
    sieve: Sieve,
  ): Promise<StoredEvent | undefined> {
    const place = await this.parts.storage.readHeavy((tx) => firstAtOrAfter(tx, room.nid, ts, newest));
    const fits = (event: StoredEvent) => (dir === 'f' ? event.originServerTs >= ts : event.originServerTs <= ts);
    let found: StoredEvent | undefined;
    let at: number | undefined = place;
    for (let n = 0; n < STRETCHES && at !== undefined && !found; n++) {
      const events: StoredEvent[] = await this.stretch(room, at, newest, n === 0 ? 'both' : dir);
      found = closest(await sieve(events.filter(fits)), ts, dir);
      at = dir === 'f' ? events.at(-1)?.position : before(events[0]);
    }
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

function nothingFound(dir: 'f' | 'b') {
  return notFound(`There is no event ${dir === 'f' ? 'after' : 'before'} this time that you can see`);
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

/** Of events sent at the same time, the first looking forwards and the last looking backwards; `events` are oldest first. */
function closest(events: readonly StoredEvent[], ts: number, dir: 'f' | 'b'): StoredEvent | undefined {
  let best: StoredEvent | undefined;
  for (const event of events) {
    const gain = best ? Math.abs(best.originServerTs - ts) - Math.abs(event.originServerTs - ts) : 1;
    if (gain > 0 || (gain === 0 && dir === 'b')) best = event;
  }
  return best;
}
