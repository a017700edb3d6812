import { notFound } from '../../protocol/errors.ts';
import { EventKind } from '../../storage/contract/events.ts';
import type { CompiledRoomEventFilter } from '../filters/compiled-filter.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import { pageToken } from '../timeline/page-token.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { EventPages } from './event-pages.ts';
import type { EventPresenter, Viewer } from './event-presenter.ts';
import type { EventSieve } from './event-sieve.ts';
import type { HistoryVisibility } from './history-visibility.ts';
import type { LazyMembersOfPage } from './lazy-members-of-page.ts';
import { pointBeyond } from './messages.ts';
import type { RoomStates } from './room-states.ts';

export interface EventLookupParts {
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly visibility: HistoryVisibility;
  readonly pages: EventPages;
  readonly sieve: EventSieve;
  readonly states: RoomStates;
  readonly members: LazyMembersOfPage;
  readonly presenter: EventPresenter;
  readonly limits: { readonly pageMax: number };
}

/** Single events, and what is around them. */
export class EventLookup {
  private readonly parts: EventLookupParts;

  constructor(parts: EventLookupParts) {
    this.parts = parts;
  }

  /** An event that the user may see, and its room. @throws M_NOT_FOUND, whatever the reason */
  async find(userId: string, roomId: string, eventId: string): Promise<{ room: Room; event: StoredEvent }> {
    const { rooms, events, visibility } = this.parts;
    const room = await rooms.get(roomId);
    const event = room && (await events.byId(eventId, room));
    const isShown = event?.kind === EventKind.timeline || event?.kind === EventKind.backfilled;
    if (!room || !event || !isShown || (await visibility.filter(room, userId, [event])).length === 0) {
      throw notFound('There is no such event in this room, or you may not see it');
    }
    return { room, event };
  }

  /** One event as JSON. */
  async one(viewer: Viewer, roomId: string, eventId: string): Promise<string> {
    const { room, event } = await this.find(viewer.userId, roomId, eventId);
    return (await this.parts.presenter.present(viewer, room, [event]))[0]!;
  }

  /**
   * The events before and after one, and the state after the last of them, as JSON.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidcontexteventid
   */
  async context(
    viewer: Viewer,
    roomId: string,
    eventId: string,
    limit: number,
    filter: CompiledRoomEventFilter,
  ): Promise<string> {
    await this.find(viewer.userId, roomId, eventId);
    if (!filter.filter.lazy_load_members) await this.parts.states.whenWhole(roomId);
    const { room, event } = await this.find(viewer.userId, roomId, eventId);
    const { pages, presenter } = this.parts;
    const most = filter.passesNothing || !filter.inRoom(roomId) ? 0 : Math.min(limit, this.parts.limits.pageMax);
    const beforeMost = Math.floor(most / 2);
    const afterMost = most - beforeMost;
    const readBefore = beforeMost === 0 ? [] : await pages.backwards(room, pointBeyond(event, 'b'), beforeMost);
    const readAfter =
      afterMost === 0 ? [] : await pages.forwards(room, pointBeyond(event, 'f'), Number.MAX_SAFE_INTEGER, afterMost);
    const { sieve } = this.parts;
    const before = await sieve.sift(room, viewer.userId, readBefore, filter);
    const after = await sieve.sift(room, viewer.userId, readAfter, filter);

    const shown = [event, ...before, ...after];
    const [own, ...around] = await presenter.present(viewer, room, shown);
    const state = await this.stateFor(room, shown, after.at(-1) ?? event, filter);
    const start = pageToken(pointBeyond(readBefore.at(-1) ?? event, 'b'));
    const end = pageToken(pointBeyond(readAfter.at(-1) ?? event, 'f'));
    return (
      `{"start":"${start}","end":"${end}","event":${own},` +
      `"events_before":[${around.slice(0, before.length).join(',')}],` +
      `"events_after":[${around.slice(before.length).join(',')}],"state":${presenter.stateJson(viewer, state)}}`
    );
  }

  private async stateFor(
    room: Room,
    shown: readonly StoredEvent[],
    last: StoredEvent,
    compiled: CompiledRoomEventFilter,
  ): Promise<StoredEvent[]> {
    let state = await this.parts.states.after(room, last);
    if (compiled.filter.lazy_load_members) {
      const members = await this.parts.members.of(room, shown);
      state = [...state.filter((event) => event.type !== 'm.room.member'), ...members];
    }
    return state.filter((event) => compiled.passes(event.type, event.sender, Object.hasOwn(event.content, 'url')));
  }
}
