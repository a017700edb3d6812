import { invalidParam } from '../../protocol/errors.ts';
import type { PagePoint } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventPresenter, Viewer } from '../history/event-presenter.ts';
import type { EventSieve, IgnoredUsers } from '../history/event-sieve.ts';
import type { RoomAccess } from '../history/room-access.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import { pageToken, parsePageToken } from '../timeline/page-token.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { Threads } from './threads.ts';

export interface ThreadListRequest {
  readonly include: 'all' | 'participated';
  readonly limit: number;
  readonly from?: string | undefined;
}

export interface ThreadListParts {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly access: RoomAccess;
  readonly sieve: EventSieve;
  readonly presenter: EventPresenter;
  readonly threads: Threads;
  readonly ignored: IgnoredUsers;
  readonly limits: { readonly pageMax: number };
}

/** Batches of threads that are looked at for one page at most, when few of them are wanted. */
const MAX_BATCHES = 10;

/** The threads of a room, those written to last first. */
export class ThreadList {
  private readonly parts: ThreadListParts;

  constructor(parts: ThreadListParts) {
    this.parts = parts;
  }

  /**
   * A page of thread roots as JSON, each with its thread bundled.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidthreads
   * @throws M_FORBIDDEN; M_INVALID_PARAM for a token that is not of this server
   */
  async page(viewer: Viewer, roomId: string, request: ThreadListRequest): Promise<string> {
    const { access, storage, presenter, limits } = this.parts;
    const { room, leftBy } = await access.of(viewer.userId, roomId);
    const limit = Math.min(Math.max(request.limit, 1), limits.pageMax);
    const roots: StoredEvent[] = [];
    let upTo = startOf(request.from, room, room.pointAt(leftBy?.position ?? storage.head));
    let hasMore = true;
    for (let n = 0; n < MAX_BATCHES && hasMore && roots.length < limit; n++) {
      const wanted = limit - roots.length;
      const batch = await storage.readHeavy((tx) => tx.events.threads(room.nid, upTo, wanted + 1));
      hasMore = batch.length > wanted;
      const taken = batch.slice(0, wanted);
      const last = taken.at(-1);
      if (last) upTo = { chunk: last.chunk, index: last.chunk_index - 1 };
      const ids = taken.map((thread) => thread.thread_root);
      roots.push(...(await this.wanted(viewer, room, ids, request.include)));
    }
    const chunk = await presenter.present(viewer, room, roots);
    const next = hasMore ? `,"next_batch":"${pageToken(upTo)}"` : '';
    return `{"chunk":[${chunk.join(',')}]${next}}`;
  }

  /** The roots among `ids`, in their order, that have a thread and that the user may see and wants. */
  private async wanted(
    { userId }: Viewer,
    room: Room,
    ids: readonly string[],
    include: 'all' | 'participated',
  ): Promise<StoredEvent[]> {
    const { storage, events, sieve, threads, ignored } = this.parts;
    const rows = await storage.read((tx) => tx.events.byIds(ids));
    const found = rows.filter((row) => row.room_nid === room.nid).map((row) => events.ofRow(row, room.id));
    const seen = new Set(await sieve.visible(room, userId, found));
    const summaries = await threads.of(room, ids, await ignored.ignoredUsers(userId));
    const participated = include === 'all' ? undefined : await threads.participated(room, userId, found);
    const byId = new Map(found.map((event) => [event.eventId, event]));
    return ids
      .map((id) => byId.get(id))
      .filter((event) => event !== undefined)
      .filter((event) => seen.has(event) && summaries.has(event.eventId))
      .filter((event) => participated?.has(event.eventId) ?? true);
  }
}

/** Threads whose latest event is not after this point come next. */
function startOf(token: string | undefined, room: Room, newest: PagePoint): PagePoint {
  if (token === undefined || token === '') return newest;
  const point = parsePageToken(token, (position) => room.chunkAt(position));
  if (!point) throw invalidParam('from is not a token of this server');
  return point.chunk === newest.chunk && point.index > newest.index ? newest : point;
}
