import type { EventCache } from '../timeline/event-cache.ts';
import { type EventAtTime, isRemoteFailure, type RemoteRooms } from '../timeline/receive-pdu/remote-room.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { PagesBefore } from './event-pages.ts';

/** Servers that are asked, one after the other, until one knows something closer. */
const MOST_SERVERS = 3;
/** How often history is asked for on the way to the event. */
const MOST_ROUNDS = 10;

export interface EventByTimeElsewhereParts {
  readonly events: EventCache;
  readonly remote: Pick<RemoteRooms, 'eventByTime'>;
  readonly backfill: PagesBefore;
  /** Of this server. */
  readonly serverName: string;
}

/**
 * Asks other servers for the event that was sent closest to a time, and fetches the history up to it.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1timestamp_to_eventroomid
 */
export class EventByTimeElsewhere {
  private readonly parts: EventByTimeElsewhereParts;

  constructor(parts: EventByTimeElsewhereParts) {
    this.parts = parts;
  }

  /**
   * An event that is closer to `ts` than `known`, a time in milliseconds, once it is here.
   * @param chunk before which something is missing
   */
  async closer(
    room: Room,
    chunk: number,
    ts: number,
    dir: 'f' | 'b',
    known: number | undefined,
  ): Promise<StoredEvent | undefined> {
    const others = [...room.joinedServers].filter(([server]) => server !== this.parts.serverName);
    const most = others.sort(([, a], [, b]) => b - a).slice(0, MOST_SERVERS);
    for (const [server] of most) {
      const told = await this.ask(server, room, ts, dir);
      if (!told || !isCloser(told.originServerTs, ts, dir, known)) continue;
      const event = await this.reach(room, chunk, told.eventId);
      if (event && isCloser(event.originServerTs, ts, dir, known)) return event;
    }
    return undefined;
  }

  private async ask(server: string, room: Room, ts: number, dir: 'f' | 'b'): Promise<EventAtTime | undefined> {
    try {
      return await this.parts.remote.eventByTime(server, room, ts, dir);
    } catch (error) {
      if (isRemoteFailure(error)) return undefined;
      throw error;
    }
  }

  /** The event, as soon as the history that was fetched has a place for it. */
  private async reach(room: Room, chunk: number, eventId: string): Promise<StoredEvent | undefined> {
    for (let round = 0; ; round++) {
      const event = await this.parts.events.byId(eventId, room);
      if (event?.stateLayer !== undefined) return event;
      if (round >= MOST_ROUNDS || !(await this.parts.backfill.extend(room, chunk))) return undefined;
    }
  }
}

function isCloser(told: number, ts: number, dir: 'f' | 'b', known: number | undefined): boolean {
  const fits = dir === 'f' ? told >= ts : told <= ts;
  return fits && (known === undefined || Math.abs(told - ts) < Math.abs(known - ts));
}
