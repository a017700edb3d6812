import { prevEventIds } from '../../protocol/events/prev-event-ids.ts';
import { EventKind } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventPages } from '../history/event-pages.ts';
import type { ServerVisibility } from '../history/server-visibility.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { ServerAccess } from '../timeline/server-access.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import { eventsById } from './events-by-id.ts';
import { shownPdus } from './shown-pdus.ts';

/** Where a server wants the history of a room to begin and to end. */
export interface MissingEventsRequest {
  readonly latest: readonly string[];
  readonly earliest: readonly string[];
  readonly limit: number;
  readonly minDepth: number;
}

export interface PastEventsParts {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly access: ServerAccess;
  readonly pages: EventPages;
  readonly visibility: ServerVisibility;
  readonly limits: { readonly backfillMax: number; readonly missingEventsMax: number };
}

/** Events are walked past that are not shown; so many for each that is. */
const VISITS = 3;

/**
 * Walks the event graph of a room backwards, for other servers.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#backfilling-and-retrieving-missing-events
 */
export class PastEvents {
  private readonly parts: PastEventsParts;

  constructor(parts: PastEventsParts) {
    this.parts = parts;
  }

  /**
   * These events and those before them, the latest first, as JSON.
   * @throws M_FORBIDDEN
   */
  async backfill(serverName: string, roomId: string, from: readonly string[], limit: number): Promise<string[]> {
    const { access, limits, visibility } = this.parts;
    const room = await access.sharedRoom(serverName, roomId);
    const most = Math.min(Math.max(limit, 0), limits.backfillMax);
    const first = await eventsById(this.parts, room, [...new Set(from)].slice(0, limits.backfillMax));
    const walked = await this.walk(room, first, most);
    return shownPdus(visibility, room, serverName, walked);
  }

  /**
   * The events before `latest`, as JSON, each after those that come before it. Those in `earliest` are left out with what
   * leads to them.
   * @throws M_FORBIDDEN
   */
  async missing(serverName: string, roomId: string, request: MissingEventsRequest): Promise<string[]> {
    const { access, limits, visibility } = this.parts;
    const room = await access.sharedRoom(serverName, roomId);
    const most = Math.min(Math.max(request.limit, 0), limits.missingEventsMax);
    const latest = await eventsById(this.parts, room, request.latest.slice(0, limits.missingEventsMax));
    const known = new Set([...request.earliest, ...request.latest]);
    const found: StoredEvent[] = [];
    let front = latest;
    for (let visits = VISITS * most; front.length > 0 && found.length < most && visits > 0; visits -= 1) {
      const ids = unknownPrevEvents(front, known).slice(0, limits.missingEventsMax * VISITS);
      const events = await eventsById(this.parts, room, ids);
      front = events.filter((event) => event.depth >= request.minDepth && event.kind !== EventKind.outlier);
      found.push(...front.filter(isShown).slice(0, most - found.length));
    }
    found.sort((a, b) => a.depth - b.depth || a.nid - b.nid);
    return shownPdus(visibility, room, serverName, found);
  }

  /** Goes back from `first`, always on from the deepest event that it has come to. */
  private async walk(room: Room, first: readonly StoredEvent[], limit: number): Promise<StoredEvent[]> {
    const known = new Set(first.map((event) => event.eventId));
    const reached = new Set(first);
    const found: StoredEvent[] = [];
    const page = await this.pageBefore(room, first, limit);
    for (let visits = VISITS * limit; reached.size > 0 && found.length < limit && visits > 0; visits -= 1) {
      const event = deepest(reached);
      reached.delete(event);
      // Nothing is known of what came before an outlier.
      if (event.kind === EventKind.outlier) continue;
      if (isShown(event)) found.push(event);
      const ids = unknownPrevEvents([event], known);
      for (const id of ids.filter((eventId) => page.has(eventId))) reached.add(page.get(id)!);
      const others = ids.filter((eventId) => !page.has(eventId));
      if (others.length > 0) for (const other of await eventsById(this.parts, room, others)) reached.add(other);
    }
    return found;
  }

  /** Most of what a walk meets is on the pages before its beginning: they are read at once. */
  private async pageBefore(
    room: Room,
    first: readonly StoredEvent[],
    limit: number,
  ): Promise<ReadonlyMap<string, StoredEvent>> {
    const shown = first.filter(isShown);
    if (shown.length === 0) return new Map();
    const { chunk, chunkIndex } = deepest(shown);
    const page = await this.parts.pages.backwards(room, { chunk, index: chunkIndex }, limit);
    return new Map(page.map((event) => [event.eventId, event]));
  }
}

function isShown({ kind }: StoredEvent): boolean {
  return kind !== EventKind.outlier && kind !== EventKind.rejected;
}

function deepest(events: Iterable<StoredEvent>): StoredEvent {
  let best: StoredEvent | undefined;
  for (const event of events) {
    if (!best || event.depth > best.depth || (event.depth === best.depth && event.nid > best.nid)) best = event;
  }
  return best!;
}

/** The events that `events` name as those before them, and that are in no one's `known`, where they are added. */
function unknownPrevEvents(events: readonly StoredEvent[], known: Set<string>): string[] {
  const unknown: string[] = [];
  for (const eventId of events.flatMap((event) => prevEventIds(event.pdu))) {
    if (known.has(eventId)) continue;
    known.add(eventId);
    unknown.push(eventId);
  }
  return unknown;
}
