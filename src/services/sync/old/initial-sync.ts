import { notFound } from '../../../protocol/errors.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { Storage } from '../../../storage/contract/storage.ts';
import type { AccountData } from '../../account-data/account-data.ts';
import { compileFilter, compileRoomEventFilter } from '../../filters/compiled-filter.ts';
import type { EventLookup } from '../../history/event-lookup.ts';
import type { EventPresenter, Viewer } from '../../history/event-presenter.ts';
import type { Messages } from '../../history/messages.ts';
import type { RoomStates } from '../../history/room-states.ts';
import type { UserRooms } from '../../membership/user-rooms.ts';
import type { RoomCache } from '../../timeline/room-cache.ts';
import type { Sync } from '../sync.ts';
import { type SyncedRoom, withRoomId } from './synced-room.ts';

export interface InitialSyncParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  readonly accountData: AccountData;
  readonly sync: Sync;
  readonly roomStates: RoomStates;
  readonly messages: Messages;
  readonly eventLookup: EventLookup;
  readonly eventPresenter: EventPresenter;
}

interface SyncAnswer {
  readonly next_batch: string;
  readonly presence?: { readonly events?: readonly JsonObject[] };
  readonly account_data?: { readonly events?: readonly JsonObject[] };
  readonly rooms?: Readonly<Partial<Record<'join' | 'leave', Readonly<Record<string, SyncedRoom>>>>> & {
    readonly invite?: Readonly<Record<string, unknown>>;
  };
}

/** What `limit` is where nothing is said. */
const STANDARD_LIMIT = 10;
const EVERY_EVENT = compileRoomEventFilter();

/**
 * What clients asked first before there was sync: everything at once.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3initialsync
 */
export class InitialSync {
  readonly #parts: InitialSyncParts;

  constructor(parts: InitialSyncParts) {
    this.#parts = parts;
  }

  /** The rooms of a user, with `limit` events of each. */
  async ofUser(userId: string, limit = STANDARD_LIMIT, archived = false): Promise<JsonObject> {
    const { sync } = this.#parts;
    const filter = compileFilter({ room: { timeline: { limit }, include_leave: archived } });
    const answer = JSON.parse(
      await sync.sync({
        ...{ userId, deviceId: '', since: undefined, timeout: 0, fullState: false, filter, setPresence: undefined },
        stateAfter: 'state_after',
        whenOver: () => () => undefined,
      }),
    ) as SyncAnswer;
    const { rooms = {}, next_batch: end } = answer;
    const told: JsonObject[] = [];
    for (const membership of ['join', 'leave'] as const) {
      for (const [roomId, room] of Object.entries(rooms[membership] ?? {})) {
        told.push({ ...(await this.#basics(roomId, membership)), ...syncedRoom(roomId, room, end) });
      }
    }
    for (const roomId of Object.keys(rooms.invite ?? {})) told.push(await this.#basics(roomId, 'invite'));
    const presence = [...(answer.presence?.events ?? [])];
    return { end, presence, account_data: [...(answer.account_data?.events ?? [])], rooms: told };
  }

  /** One room, which the user may look into without being in it. @throws M_FORBIDDEN */
  async ofRoom(viewer: Viewer, roomId: string, limit = STANDARD_LIMIT): Promise<JsonObject> {
    const { roomStates, messages, eventPresenter, userRooms, accountData, storage } = this.#parts;
    const { userId } = viewer;
    const { events } = await roomStates.whole(userId, roomId);
    const state = JSON.parse(eventPresenter.stateJson(viewer, events)) as JsonObject[];
    const request = { dir: 'b' as const, limit, filter: EVERY_EVENT };
    const page = JSON.parse(await messages.page(viewer, roomId, request)) as {
      chunk: JsonObject[];
      start: string;
      end?: string;
    };
    const membership = (await userRooms.of(userId)).get(roomId)?.membership;
    const own = (await accountData.changedSince(userId, 0, storage.head)).rooms.get(roomId) ?? [];
    return {
      ...(await this.#basics(roomId, membership)),
      state,
      messages: {
        chunk: page.chunk.reverse(),
        ...(page.end === undefined ? {} : { start: page.end }),
        end: page.start,
      },
      account_data: own.map(({ type, content }) => ({ type, content: JSON.parse(content) as JsonObject })),
    };
  }

  /** An event of whatever room, as JSON. @throws M_NOT_FOUND, also for what the user may not see */
  async event(viewer: Viewer, eventId: string): Promise<string> {
    const { storage, eventLookup } = this.#parts;
    const roomId = await storage.read(async (tx) => {
      const row = await tx.events.byId(eventId);
      return row && (await tx.rooms.byNids([row.room_nid]))[0]?.room_id;
    });
    if (roomId === undefined) throw notFound('There is no such event, or you may not see it');
    return eventLookup.one(viewer, roomId, eventId);
  }

  async #basics(roomId: string, membership: string | undefined): Promise<JsonObject> {
    const room = await this.#parts.rooms.get(roomId);
    return {
      room_id: roomId,
      ...(membership === undefined ? {} : { membership }),
      visibility: room?.isPublic ? 'public' : 'private',
    };
  }
}

function syncedRoom(roomId: string, { timeline, state_after: state, account_data: own }: SyncedRoom, end: string) {
  const start = timeline?.prev_batch;
  return {
    messages: { chunk: withRoomId(roomId, timeline?.events ?? []), ...(start === undefined ? {} : { start }), end },
    state: withRoomId(roomId, state?.events ?? []),
    account_data: [...(own?.events ?? [])],
  };
}
