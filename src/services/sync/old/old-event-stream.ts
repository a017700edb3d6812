import { invalidParam } from '../../../protocol/errors.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { Storage } from '../../../storage/contract/storage.ts';
import type { Clock } from '../../../util/clock.ts';
import type { NoticeBoard } from '../../events.ts';
import { compileFilter, compileRoomEventFilter } from '../../filters/compiled-filter.ts';
import type { Viewer } from '../../history/event-presenter.ts';
import type { Messages } from '../../history/messages.ts';
import type { RoomAccess } from '../../history/room-access.ts';
import { pageToken, parsePageToken } from '../../timeline/page-token.ts';
import type { Sync } from '../sync.ts';
import { type SyncedRoom, withRoomId } from './synced-room.ts';

export interface OldEventStreamParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly sync: Sync;
  readonly messages: Messages;
  readonly access: RoomAccess;
  readonly limits: { readonly pageMax: number; readonly syncTimeoutMax: number };
}

export interface StreamRequest {
  readonly from: string | undefined;
  /** Milliseconds to wait for an event. */
  readonly timeout: number;
  /** Calls back when there is nobody to answer any more. */
  readonly whenOver: (callback: () => void) => () => void;
}

/** What happened between two tokens. */
export interface StreamPage {
  readonly start: string;
  readonly end: string;
  readonly chunk: readonly JsonObject[];
}

const NOTHING = compileFilter({ presence: { types: [] }, account_data: { types: [] }, room: { rooms: [] } });
const TIMELINES = compileFilter({ presence: { types: [] }, account_data: { types: [] } });
const EVERY_EVENT = compileRoomEventFilter();

/**
 * `GET /events`, which clients asked before there was sync.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3events
 */
export class OldEventStream {
  readonly #parts: OldEventStreamParts;
  /** Those who wait for a room, by its id. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(parts: OldEventStreamParts) {
    this.#parts = parts;
    parts.notices.on('timeline', ({ roomId }) => {
      for (const wake of this.#waiting.get(roomId) ?? []) wake();
    });
  }

  /** How many wait for a room. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Events of the rooms that the user is in. @throws M_INVALID_PARAM for tokens that are not of this server */
  async ofUser(userId: string, request: StreamRequest): Promise<StreamPage> {
    const { sync } = this.#parts;
    // To-device messages are for devices that know of them: these ask for none.
    const asked = { userId, deviceId: '', fullState: false, stateAfter: undefined, setPresence: undefined };
    const { whenOver } = request;
    const ask = async (since: string | undefined, timeout: number) =>
      JSON.parse(
        await sync.sync({ ...asked, since, timeout, filter: since === undefined ? NOTHING : TIMELINES, whenOver }),
      ) as { next_batch: string; rooms?: { join?: Record<string, SyncedRoom>; leave?: Record<string, SyncedRoom> } };
    const start = request.from ?? (await ask(undefined, 0)).next_batch;
    const { next_batch: end, rooms } = await ask(start, request.timeout);
    const moved = [...Object.entries(rooms?.join ?? {}), ...Object.entries(rooms?.leave ?? {})];
    const chunk = moved.flatMap(([roomId, { timeline }]) => withRoomId(roomId, timeline?.events ?? []));
    return { start, end, chunk };
  }

  /**
   * Events of one room, which the user may look into without being in it.
   * @throws M_FORBIDDEN; M_INVALID_PARAM for tokens that are not of this server
   */
  async ofRoom(viewer: Viewer, roomId: string, request: StreamRequest): Promise<StreamPage> {
    const { access, storage } = this.#parts;
    const { room } = await access.of(viewer.userId, roomId);
    const start = request.from ?? pageToken(room.pointAt(storage.head));
    if (!parsePageToken(start, (position) => room.chunkAt(position))) {
      throw invalidParam('from is not a token of this server');
    }
    const waiter = this.#wait(roomId, request);
    try {
      for (;;) {
        const page = await this.#page(viewer, roomId, start);
        if (page.chunk.length > 0 || waiter.isOver()) return page;
        await waiter.news();
      }
    } finally {
      waiter.end();
    }
  }

  async #page(viewer: Viewer, roomId: string, start: string): Promise<StreamPage> {
    const { access, storage, messages, limits } = this.#parts;
    const { room } = await access.of(viewer.userId, roomId);
    const to = pageToken(room.pointAt(storage.head));
    const request = { from: start, to, dir: 'f' as const, limit: limits.pageMax, filter: EVERY_EVENT };
    const page = JSON.parse(await messages.page(viewer, roomId, request)) as { chunk: JsonObject[]; end?: string };
    return { start, end: page.end ?? to, chunk: page.chunk };
  }

  #wait(roomId: string, { timeout, whenOver }: StreamRequest) {
    const { clock, limits } = this.#parts;
    let isOver = timeout <= 0;
    let wake: () => void = () => undefined;
    let hasNews = false;
    const onNews = () => {
      hasNews = true;
      wake();
    };
    const end = () => {
      isOver = true;
      wake();
    };
    const waiting = this.#waiting.get(roomId) ?? new Set();
    this.#waiting.set(roomId, waiting.add(onNews));
    const cancelTimer = clock.after(Math.min(timeout, limits.syncTimeoutMax), end);
    const stay = whenOver(end);
    return {
      isOver: () => isOver,
      news: async () => {
        if (!hasNews && !isOver) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        hasNews = false;
      },
      end: () => {
        cancelTimer();
        stay();
        waiting.delete(onNews);
        if (waiting.size === 0) this.#waiting.delete(roomId);
      },
    };
  }
}
