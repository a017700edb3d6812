import type { UserRoom } from '../membership/user-rooms.ts';
import { pageToken } from '../timeline/page-token.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import { eventListJson, timelineJson } from './event-list.ts';
import { accountDataJson } from './joined-room.ts';
import type { StoredAccountData, SyncSources } from './sources.ts';
import { stateAt, stateChanges } from './state-section.ts';
import type { SyncScope } from './sync-request.ts';
import { timelineWindow } from './timeline-window.ts';

/** The section of a room that the user has left or was removed from: what they saw up to that moment. */
export async function leftRoomJson(
  sources: SyncSources,
  scope: SyncScope,
  room: Room,
  userRoom: UserRoom,
  accountData: readonly StoredAccountData[],
): Promise<string> {
  const { filter } = scope;
  const upTo = Math.min(userRoom.position, scope.upTo);
  const isNew = scope.since === 0 || scope.fullState;
  const wanted = (event: StoredEvent) =>
    filter.everyTimelineEvent || filter.timeline.passes(event.type, event.sender, Object.hasOwn(event.content, 'url'));
  const window = filter.timeline.passesNothing
    ? { events: [], limited: false, start: { chunk: 0, index: upTo } }
    : await timelineWindow(sources, room, {
        after: isNew ? 0 : scope.since,
        upTo,
        limit: filter.timelineLimit,
        wanted,
      });
  const events = await sources.visibility.filter(room, scope.userId, window.events);
  const wasIn = events.length > 1 || (await wasJoined(sources, room, userRoom));
  const at = scope.stateAfter ? upTo : window.start.index;
  const members = filter.lazyMembers ? new Set([scope.userId, ...events.map((event) => event.sender)]) : undefined;
  // Who never got further than an invite sees nothing of the room but that it is gone.
  const state = !wasIn || filter.state.passesNothing ? [] : await leftState(sources, scope, room, at, members, isNew);
  return (
    `{"${scope.stateAfter ?? 'state'}":{"events":${eventListJson(state, scope, room)}},` +
    `"timeline":{"events":${await timelineJson(sources, events, scope, room)},"limited":${window.limited},` +
    `"prev_batch":"${pageToken(window.start)}"},` +
    `"account_data":{"events":[${accountData.map(accountDataJson).join(',')}]}}`
  );
}

async function leftState(
  sources: SyncSources,
  scope: SyncScope,
  room: Room,
  at: number,
  members: ReadonlySet<string> | undefined,
  isNew: boolean,
): Promise<StoredEvent[]> {
  const events = isNew ? await stateAt(sources, room, at, members) : await stateChanges(sources, room, scope.since, at);
  const { state } = scope.filter;
  return scope.filter.everyStateEvent
    ? events
    : events.filter((e) => state.passes(e.type, e.sender, Object.hasOwn(e.content, 'url')));
}

async function wasJoined(sources: SyncSources, room: Room, userRoom: UserRoom): Promise<boolean> {
  const left = (await sources.events.byNids([userRoom.eventNid], room)).get(userRoom.eventNid);
  return (
    left?.unsigned.startsWith('"prev_content":{') === true && /"membership":"join"/.test(left.unsigned.slice(0, 4_000))
  );
}
