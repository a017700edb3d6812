import type { UserRoom } from '../membership/user-rooms.ts';
import { pageToken } from '../timeline/page-token.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import { eventListJson, timelineJson } from './event-list.ts';
import { accountDataJson } from './joined-room.ts';
import { membersOf } from './lazy-members.ts';
import type { StoredAccountData, SyncSources } from './sources.ts';
import { stateAt, stateChanges } from './state-section.ts';
import type { SyncScope } from './sync-request.ts';
import { type TimelineWindow, timelineWindow } from './timeline-window.ts';

/**
 * The section of a room that the user has left or was removed from: what they saw up to that moment, and in any case
 * the event that says so. Who never got further than an invite, or had left already, sees that event and nothing else.
 */
export async function leftRoomJson(
  sources: SyncSources,
  scope: SyncScope,
  room: Room,
  userRoom: UserRoom,
  accountData: readonly StoredAccountData[],
): Promise<string> {
  const leftBy = await sources.visibility.leftBy(room, scope.userId);
  const sawLast = leftBy && (startsAnew(scope) || leftBy.position > scope.since) ? leftBy : undefined;
  const window = sawLast
    ? await windowUpTo(sources, scope, room, sawLast.position)
    : { events: [], limited: false, start: { chunk: 0, index: Math.max(userRoom.position - 1, 0) } };
  const state = sawLast ? await leftState(sources, scope, room, sawLast.position, window) : [];
  const events = await withOwnEvent(sources, scope, room, userRoom, window.events);
  return (
    `{"${scope.stateAfter ?? 'state'}":{"events":${eventListJson(withDeparture(scope, state, events), scope, room)}},` +
    `"timeline":{"events":${await timelineJson(sources, events, scope, room)},"limited":${window.limited},` +
    `"prev_batch":"${pageToken(window.start)}"},` +
    `"account_data":{"events":[${accountData.map(accountDataJson).join(',')}]}}`
  );
}

/** The section of a room that this server has never been in: the event that ended the user's invite or knock. */
export async function unseenRoomJson(
  sources: SyncSources,
  scope: SyncScope,
  { eventNid, roomId, position, membership }: UserRoom,
  accountData: readonly StoredAccountData[],
): Promise<string> {
  const own = (await sources.events.byNids([eventNid], { id: roomId })).get(eventNid);
  const events = own && passesTimeline(scope, own) ? [own] : [];
  const timeline = eventListJson(events, scope, () => membership);
  return (
    `{"${scope.stateAfter ?? 'state'}":{"events":${scope.stateAfter ? timeline : '[]'}},` +
    `"timeline":{"events":${timeline},"limited":false,` +
    `"prev_batch":"${pageToken({ chunk: 0, index: Math.max(position - 1, 0) })}"},` +
    `"account_data":{"events":[${accountData.map(accountDataJson).join(',')}]}}`
  );
}

/** The state with the event that ended the membership: of a timeline beside `state_after` clients take no state. */
function withDeparture(
  scope: SyncScope,
  state: readonly StoredEvent[],
  timeline: readonly StoredEvent[],
): readonly StoredEvent[] {
  const last = timeline.at(-1);
  const isDeparture = last?.type === 'm.room.member' && last.stateKey === scope.userId;
  if (!scope.stateAfter || !isDeparture || scope.filter.state.passesNothing) return state;
  const others = state.filter(({ type, stateKey }) => type !== last.type || stateKey !== last.stateKey);
  return [...others, last];
}

const startsAnew = (scope: SyncScope) => scope.since === 0 || scope.fullState;

function passesTimeline({ filter }: SyncScope, event: StoredEvent): boolean {
  if (filter.timeline.passesNothing) return false;
  return (
    filter.everyTimelineEvent || filter.timeline.passes(event.type, event.sender, Object.hasOwn(event.content, 'url'))
  );
}

async function windowUpTo(sources: SyncSources, scope: SyncScope, room: Room, upTo: number): Promise<TimelineWindow> {
  if (scope.filter.timeline.passesNothing) return { events: [], limited: false, start: room.pointAt(upTo) };
  const window = await timelineWindow(sources, room, {
    after: startsAnew(scope) ? 0 : scope.since,
    upTo,
    limit: scope.filter.timelineLimit,
    wanted: (event) => passesTimeline(scope, event),
  });
  return { ...window, events: await sources.visibility.filter(room, scope.userId, window.events) };
}

/** The timeline with the user's own last membership event at its end, which clients take rooms off their lists by. */
async function withOwnEvent(
  sources: SyncSources,
  scope: SyncScope,
  room: Room,
  { eventNid }: UserRoom,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  if (events.at(-1)?.nid === eventNid) return events;
  const own = (await sources.events.byNids([eventNid], room)).get(eventNid);
  return own && passesTimeline(scope, own) ? [...events, own] : events;
}

async function leftState(
  sources: SyncSources,
  scope: SyncScope,
  room: Room,
  leftAt: number,
  window: TimelineWindow,
): Promise<StoredEvent[]> {
  const { state, lazyMembers, everyStateEvent } = scope.filter;
  if (state.passesNothing) return [];
  const at = scope.stateAfter ? leftAt : window.start.index;
  const members = lazyMembers ? new Set([scope.userId, ...membersOf(window.events, scope)]) : undefined;
  const events = startsAnew(scope)
    ? await stateAt(sources, room, at, members)
    : await stateChanges(sources, room, scope.since, at);
  return everyStateEvent
    ? events
    : events.filter((e) => state.passes(e.type, e.sender, Object.hasOwn(e.content, 'url')));
}
