import { MatrixError } from '../../protocol/errors.ts';
import { eventLimit } from '../../protocol/filters/compile-filter.ts';
import type { SearchHit, SearchKey, SearchPoint, SearchReading } from '../../storage/contract/search.ts';
import { TextQuery } from '../../storage/contract/search.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { CompiledRoomEventFilter } from '../filters/compiled-filter.ts';
import type { Viewer } from '../history/event-presenter.ts';
import type { EventSieve } from '../history/event-sieve.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { ContextChoice } from './result-context.ts';
import type { FoundEvent, ResultsPresenter } from './results-presenter.ts';
import { roomLabel, type SearchIndex } from './search-index.ts';
import { parseSearchToken } from './search-token.ts';
import { searchPhrases } from './search-words.ts';

export interface MessageSearchRequest {
  readonly term: string;
  readonly keys: readonly SearchKey[];
  readonly filter: CompiledRoomEventFilter;
  readonly order: 'rank' | 'recent';
  readonly context: ContextChoice | undefined;
  readonly includeState: boolean;
  readonly groupBy: readonly ('room_id' | 'sender')[];
  readonly nextBatch: string | undefined;
}

export interface MessageSearchParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly userRooms: UserRooms;
  readonly sieve: EventSieve;
  readonly index: SearchIndex;
  readonly presenter: ResultsPresenter;
  readonly settings: {
    readonly enabled: boolean;
    /** Results in one answer. */
    readonly searchPageMax: number;
    /** Hits that one search looks at, when the user may see few of them. */
    readonly searchScanMax: number;
    /** Events before and after a result. */
    readonly searchContextMax: number;
  };
}

/** Hits that are read at once, when more are wanted than fit. */
const READING = 50;

/**
 * Searches the messages, names and topics of the rooms that a user is or was in.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#server-side-search
 */
export class MessageSearch {
  private readonly parts: MessageSearchParts;

  constructor(parts: MessageSearchParts) {
    this.parts = parts;
  }

  /** The answer as JSON. @throws 400 `M_UNKNOWN` if the search is switched off; M_INVALID_PARAM for a foreign token */
  async search(viewer: Viewer, request: MessageSearchRequest): Promise<string> {
    const { index, presenter, settings } = this.parts;
    if (!settings.enabled) throw new MatrixError('M_UNKNOWN', 'Search is switched off on this server', { status: 400 });
    const token = request.nextBatch === undefined ? undefined : parseSearchToken(request.nextBatch);
    const limit = eventLimit(request.filter.filter, settings.searchPageMax);
    const phrases = searchPhrases(request.term);
    const rooms = await this.searchedRooms(viewer.userId, request.filter, token?.roomId);
    const isEmpty = limit === 0 || phrases.length === 0 || rooms.size === 0 || request.filter.passesNothing;
    if (!isEmpty) await index.catchUp(rooms.keys());
    const found = isEmpty
      ? { events: [], total: 0, next: undefined }
      : await this.collect(viewer.userId, request, {
          rooms,
          query: new TextQuery([...rooms.keys()].map(roomLabel), phrases),
          senders: token?.sender === undefined ? request.filter.filter.senders : [token.sender],
          after: token?.after,
          limit,
        });
    const { context, includeState, groupBy } = request;
    const most = settings.searchContextMax;
    return presenter.json(viewer, found, {
      isRanked: request.order === 'rank',
      phrases,
      includeState,
      groupBy,
      group: token,
      context: context && {
        ...context,
        before: Math.min(context.before, most),
        after: Math.min(context.after, most),
      },
    });
  }

  /** Numbers and ids of the rooms that the user is in or was in, and wants to search. */
  private async searchedRooms(
    userId: string,
    filter: CompiledRoomEventFilter,
    only: string | undefined,
  ): Promise<Map<number, string>> {
    const chosen = new Map<number, string>();
    for (const room of (await this.parts.userRooms.of(userId)).values()) {
      const wasIn = room.membership === 'join' || room.membership === 'leave' || room.membership === 'ban';
      if (!wasIn || room.forgotten || !filter.inRoom(room.roomId)) continue;
      if (only === undefined || only === room.roomId) chosen.set(room.roomNid, room.roomId);
    }
    return chosen;
  }

  private async collect(
    userId: string,
    { keys, order, filter }: MessageSearchRequest,
    wanted: {
      readonly rooms: ReadonlyMap<number, string>;
      readonly query: TextQuery;
      readonly senders: readonly string[] | undefined;
      readonly after: SearchPoint | undefined;
      readonly limit: number;
    },
  ) {
    const { query, senders, limit, rooms } = wanted;
    const { storage, settings } = this.parts;
    const events: FoundEvent[] = [];
    let { after } = wanted;
    let total = 0;
    for (let scanned = 0; scanned < settings.searchScanMax; scanned += READING) {
      const reading = { query, order, keys, senders, after, limit: READING };
      const hits = await storage.readHeavy((tx) => tx.search.hits(reading));
      total ||= hits[0]?.total ?? 0;
      // Behind the last page the count is what it was on the others.
      if (total === 0 && wanted.after) total = await this.total({ ...reading, after: undefined, limit: 1 });
      const seen = await this.visible(userId, hits, rooms, filter);
      for (const hit of hits) {
        after = { score: hit.score, eventNid: hit.event_nid };
        const event = seen.get(hit.event_nid);
        if (event && events.push({ ...event, point: after }) === limit) return { events, total, next: after };
      }
      if (hits.length < READING) return { events, total, next: undefined };
    }
    return { events, total, next: after };
  }

  private async total(reading: SearchReading): Promise<number> {
    return (await this.parts.storage.readHeavy((tx) => tx.search.hits(reading)))[0]?.total ?? 0;
  }

  /** Those of the hits that the user may see and that pass the filter. */
  private async visible(
    userId: string,
    hits: readonly SearchHit[],
    rooms: ReadonlyMap<number, string>,
    filter: CompiledRoomEventFilter,
  ): Promise<Map<number, Omit<FoundEvent, 'point'>>> {
    const { events, sieve } = this.parts;
    const seen = new Map<number, Omit<FoundEvent, 'point'>>();
    for (const roomNid of new Set(hits.map((hit) => hit.room_nid))) {
      const room = await this.parts.rooms.get(rooms.get(roomNid)!);
      if (!room) continue;
      const nids = hits.filter((hit) => hit.room_nid === roomNid).map((hit) => hit.event_nid);
      const read = [...(await events.byNids(nids, room)).values()].filter((event) => event.redactedBy === undefined);
      for (const event of await sieve.sift(room, userId, read, filter)) seen.set(event.nid, { room, event });
    }
    return seen;
  }
}
