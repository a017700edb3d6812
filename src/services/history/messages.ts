import { invalidParam, missingParam } from '../../protocol/errors.ts';
import type { PagePoint } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { CompiledRoomEventFilter } from '../filters/compiled-filter.ts';
import { BEGINNING, pageToken, parsePageToken } from '../timeline/page-token.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { EventPages } from './event-pages.ts';
import type { EventPresenter, Viewer } from './event-presenter.ts';
import type { EventSieve } from './event-sieve.ts';
import type { LazyMembersOfPage } from './lazy-members-of-page.ts';
import type { RoomAccess, RoomView } from './room-access.ts';

export interface MessagesRequest {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Required, but that is said only to those who may look at the room. */
  readonly dir?: 'b' | 'f' | undefined;
  readonly limit: number;
  readonly filter: CompiledRoomEventFilter;
}

export interface MessagesParts {
  readonly storage: Storage;
  readonly access: RoomAccess;
  readonly pages: EventPages;
  readonly sieve: EventSieve;
  readonly presenter: EventPresenter;
  readonly members: LazyMembersOfPage;
  readonly limits: { readonly pageMax: number };
}

/** Events looked at for one page at most, when few of them pass. */
const MAX_SCANNED = 1_000;
/** Once a filter has left something out, this many are read at once. */
const SECOND_LOOK = 100;

interface Page {
  readonly events: StoredEvent[];
  /** Where to go on; undefined at the end of what there is. */
  readonly end: PagePoint | undefined;
}

/** The history of rooms, page by page. */
export class Messages {
  private readonly parts: MessagesParts;

  constructor(parts: MessagesParts) {
    this.parts = parts;
  }

  /**
   * A page as JSON.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmessages
   * @throws M_FORBIDDEN, M_MISSING_PARAM; M_INVALID_PARAM for tokens that are not of this server
   */
  async page(viewer: Viewer, roomId: string, request: MessagesRequest): Promise<string> {
    const view = await this.parts.access.of(viewer.userId, roomId);
    const { dir } = request;
    if (dir === undefined) throw missingParam('"dir" is missing');
    const from = startOf(request.from, dir, view.room, this.newest(view));
    const to = request.to === undefined ? undefined : pointOf('to', request.to, view.room);
    const limit = Math.min(request.limit, this.parts.limits.pageMax);
    const { filter } = request;
    const isEmpty = limit === 0 || filter.passesNothing || !filter.inRoom(roomId);
    const page = isEmpty ? { events: [], end: undefined } : await this.collect(view, from, to, { dir, limit, filter });
    return this.json(viewer, view.room, request, from, page);
  }

  /** The point right after the last event that the viewer can see at all. */
  private newest({ room, leftBy }: RoomView): PagePoint {
    return room.pointAt(leftBy?.position ?? this.parts.storage.head);
  }

  private async collect(
    view: RoomView,
    from: PagePoint,
    to: PagePoint | undefined,
    { dir, limit, filter }: { dir: 'b' | 'f'; limit: number; filter: CompiledRoomEventFilter },
  ): Promise<Page> {
    const { room, userId } = view;
    const events: StoredEvent[] = [];
    let at = from;
    for (let scanned = 0; scanned < MAX_SCANNED; ) {
      const wanted = limit - events.length;
      const count = scanned === 0 ? wanted : Math.max(wanted, SECOND_LOOK);
      const read = await this.read(view, at, dir, count);
      scanned += read.length;
      const within = to ? read.filter((event) => isWithin(event, to, dir)) : read;
      const passed = await this.parts.sieve.sift(room, userId, within, filter);
      events.push(...passed.slice(0, wanted));
      if (passed.length > wanted) return { events, end: pointBeyond(events.at(-1)!, dir) };
      const isLast = read.length < count || (dir === 'b' && read.at(-1)?.type === 'm.room.create');
      // Of a filtered page clients expect to be told where to go on, even if there will be nothing.
      const end = filter.passesEverything || events.length === 0 ? undefined : pointBeyond(events.at(-1)!, dir);
      if (isLast || within.length < read.length) return { events, end };
      at = pointBeyond(within.at(-1)!, dir);
      if (events.length >= limit) break;
    }
    return { events, end: at };
  }

  private read(view: RoomView, at: PagePoint, dir: 'b' | 'f', limit: number): Promise<StoredEvent[]> {
    const { pages } = this.parts;
    return dir === 'b'
      ? pages.backwardsOverGaps(view.room, at, limit)
      : pages.forwards(view.room, at, this.newest(view).index, limit);
  }

  private async json(
    viewer: Viewer,
    room: Room,
    request: MessagesRequest,
    from: PagePoint,
    { events, end }: Page,
  ): Promise<string> {
    const { presenter, members } = this.parts;
    const chunk = await presenter.present(viewer, room, events);
    let out = `{"start":"${pageToken(from)}","chunk":[${chunk.join(',')}]`;
    if (end) out += `,"end":"${pageToken(end)}"`;
    if (request.filter.filter.lazy_load_members) {
      out += `,"state":${presenter.stateJson(viewer, await members.of(room, events))}`;
    }
    return `${out}}`;
  }
}

function startOf(from: string | undefined, dir: 'b' | 'f', room: Room, newest: PagePoint): PagePoint {
  if (from === undefined || from === '') return dir === 'b' ? newest : BEGINNING;
  const point = pointOf('from', from, room);
  return dir === 'b' && point.chunk === newest.chunk && point.index > newest.index ? newest : point;
}

function pointOf(name: string, token: string, room: Room): PagePoint {
  const point = parsePageToken(token, (position) => room.chunkAt(position));
  if (!point) throw invalidParam(`${name} is not a token of this server`);
  return point;
}

/** Whether an event lies on the way to `to`. */
function isWithin(event: StoredEvent, to: PagePoint, dir: 'b' | 'f'): boolean {
  const isAfter = event.chunk > to.chunk || (event.chunk === to.chunk && event.chunkIndex > to.index);
  return dir === 'b' ? isAfter : !isAfter;
}

/** The point on the far side of an event. */
export function pointBeyond(event: StoredEvent, dir: 'b' | 'f'): PagePoint {
  return { chunk: event.chunk, index: dir === 'b' ? event.chunkIndex - 1 : event.chunkIndex };
}
