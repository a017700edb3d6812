import type { UserRoom } from '../membership/user-rooms.ts';
import { pageToken } from '../timeline/page-token.ts';
import { namedMembers } from '../timeline/partial-state/named-members.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { RoomUnreadCounts } from '../unread/unread-tally.ts';
import { eventListJson, timelineJson } from './event-list.ts';
import { type LazyMembers, membersOf } from './lazy-members.ts';
import type { StoredAccountData, SyncSources } from './sources.ts';
import { stateAt, stateChanges } from './state-section.ts';
import { heroesOf, needsHeroes, summaryJson } from './summary.ts';
import type { SyncScope } from './sync-request.ts';
import { type TimelineWindow, timelineWindow } from './timeline-window.ts';

/** What is known of a room before its section is made. */
export interface RoomNews {
  readonly room: Room;
  readonly userRoom: UserRoom;
  readonly accountData: readonly StoredAccountData[];
  readonly isTyping: boolean;
}

const isMember = (event: StoredEvent) => event.type === 'm.room.member';

/** The section of one joined room, as JSON; undefined if there is nothing to say of it. */
export async function joinedRoomJson(
  sources: SyncSources,
  lazy: LazyMembers,
  scope: SyncScope,
  news: RoomNews,
): Promise<string | undefined> {
  const { room } = news;
  const isNewlyFull = room.fullAt > scope.since && room.fullAt <= scope.upTo;
  const isNew =
    scope.since === 0 ||
    scope.fullState ||
    news.userRoom.position > scope.since ||
    // Who has not been shown it before.
    (isNewlyFull && !scope.filter.lazyMembers);
  // Before they joined, a room is new to them: its timeline reaches back beyond `since`.
  const after = isNew && !(scope.fullState && scope.since > 0) ? 0 : scope.since;
  const window = newcomersWindow(await windowOf(sources, scope, room, after), isNew ? scope.since : 0);
  const state = await stateOf(sources, lazy, scope, room, window, isNew);
  const receipt = scope.filter.ephemeral.passesNothing
    ? undefined
    : await sources.receipts.changedSince(room.nid, isNew ? 0 : scope.since, scope.upTo, scope.userId);
  const ephemeral = ephemeralJson(sources, scope, news, receipt);
  const accountData = news.accountData.filter((item) =>
    scope.filter.roomAccountData.passes(item.type, undefined, false),
  );
  const isQuiet =
    window.events.length === 0 && state.events.length === 0 && ephemeral === '[]' && accountData.length === 0;
  if (isQuiet && !isNew && !isNewlyFull && !window.limited) return undefined;

  const timeline = await timelineJson(sources, window.events, scope, room);
  const counts = await sources.unread.counts(scope.userId, room);
  const stateName = scope.stateAfter ?? 'state';
  return (
    `{"summary":${state.summary},"${stateName}":{"events":${eventListJson(state.events, scope, room)}},` +
    `"timeline":{"events":${timeline},"limited":${window.limited},"prev_batch":"${pageToken(window.start)}"},` +
    `"ephemeral":{"events":${ephemeral}},"account_data":{"events":[${accountData.map(accountDataJson).join(',')}]},` +
    `${unreadJson(counts, scope.filter.threadCounts)}}`
  );
}

export function accountDataJson(item: StoredAccountData): string {
  return `{"type":${JSON.stringify(item.type)},"content":${item.content}}`;
}

async function windowOf(sources: SyncSources, scope: SyncScope, room: Room, after: number): Promise<TimelineWindow> {
  const { timeline } = scope.filter;
  if (timeline.passesNothing || !timeline.inRoom(room.id)) {
    return { events: [], limited: false, start: room.pointAt(scope.upTo) };
  }
  const { ignored } = scope;
  const wanted = (event: StoredEvent) => {
    if (ignored.size > 0 && event.stateKey === undefined && ignored.has(event.sender)) return false;
    return (
      scope.filter.everyTimelineEvent || timeline.passes(event.type, event.sender, Object.hasOwn(event.content, 'url'))
    );
  };
  const window = await timelineWindow(sources, room, {
    after,
    upTo: scope.upTo,
    limit: scope.filter.timelineLimit,
    wanted,
  });
  const visible = await sources.visibility.filter(room, scope.userId, window.events);
  return visible.length === window.events.length ? window : { ...window, events: visible };
}

/**
 * A room that a user comes into between two syncs: clients may hold an older part of it, from when the user was in it
 * before, and must not join the two where the timeline reaches back behind `since`.
 */
function newcomersWindow(window: TimelineWindow, since: number): TimelineWindow {
  return since > 0 && window.start.index < since ? { ...window, limited: true } : window;
}

interface StatePart {
  readonly events: readonly StoredEvent[];
  readonly summary: string;
}

async function stateOf(
  sources: SyncSources,
  lazy: LazyMembers,
  scope: SyncScope,
  room: Room,
  window: TimelineWindow,
  isNew: boolean,
): Promise<StatePart> {
  const { filter } = scope;
  const at = scope.stateAfter ? scope.upTo : window.start.index;
  const wantsState = !filter.state.passesNothing && filter.state.inRoom(room.id);
  const needed = filter.lazyMembers ? membersOf(window.events, scope) : undefined;
  const changes = isNew ? [] : await stateChanges(sources, room, scope.since, at);
  // At the time when the state became whole nothing happened in the timeline that would stand for it.
  if (!isNew && room.fullAt > Math.max(at, scope.since) && room.fullAt <= scope.upTo) {
    changes.push(...(await stateChanges(sources, room, room.fullAt - 1, room.fullAt)));
  }
  const membersChanged = isNew || changes.some(isMember) || window.events.some(isMember);
  const heroes = membersChanged && needsHeroes(room) ? heroesOf(room, scope.userId) : [];
  const summary = membersChanged ? summaryJson(room, heroes) : '{}';
  if (!wantsState) return { events: [], summary };

  let events: StoredEvent[];
  if (isNew) {
    const members = needed && new Set([...needed, scope.userId, ...heroes]);
    events = await stateAt(sources, room, at, members);
    if (needed) events.push(...(await namedMembers(sources.events, room, window.events)));
    lazy.forget(deviceOf(scope), room.id);
    if (members) noteMembers(lazy, scope, room, events);
  } else if (needed) {
    const unknown = unknownMembers(lazy, scope, room, needed, heroes);
    const kept = changes.filter(
      (event) => !isMember(event) || needed.has(event.stateKey!) || event.stateKey === scope.userId,
    );
    const told = scope.stateAfter ? kept : [...kept, ...window.events];
    const present = new Set(told.filter(isMember).map((event) => event.stateKey));
    events = [...kept, ...unknown.filter((event) => !present.has(event.stateKey))];
    events.push(...(await namedMembers(sources.events, room, window.events)));
    noteMembers(lazy, scope, room, events);
  } else {
    events = changes;
  }
  if (!filter.everyStateEvent) {
    events = events.filter((e) => filter.state.passes(e.type, e.sender, Object.hasOwn(e.content, 'url')));
  }
  return { events, summary };
}

const deviceOf = (scope: SyncScope) => `${scope.userId} ${scope.deviceId}`;

/** Membership events of those needed, and of heroes, that the device does not know yet. */
function unknownMembers(
  lazy: LazyMembers,
  scope: SyncScope,
  room: Room,
  needed: ReadonlySet<string>,
  heroes: readonly string[],
): StoredEvent[] {
  const out: StoredEvent[] = [];
  for (const userId of new Set([...needed, ...heroes])) {
    const member = room.get('m.room.member', userId);
    if (!member) continue;
    const isKnown = lazy.knows(deviceOf(scope), room.id, userId, member.nid, scope.since);
    if (!isKnown || scope.filter.redundantMembers) out.push(member);
  }
  return out;
}

function noteMembers(lazy: LazyMembers, scope: SyncScope, room: Room, events: readonly StoredEvent[]): void {
  for (const event of events) {
    if (isMember(event)) lazy.told(deviceOf(scope), room.id, event.stateKey!, event.nid, scope.upTo);
  }
}

function ephemeralJson(sources: SyncSources, scope: SyncScope, news: RoomNews, receipt: object | undefined): string {
  const { ephemeral } = scope.filter;
  const parts: string[] = [];
  if (receipt && ephemeral.passes('m.receipt', undefined, false)) {
    parts.push(`{"type":"m.receipt","content":${JSON.stringify(receipt)}}`);
  }
  if (news.isTyping && !ephemeral.passesNothing && ephemeral.passes('m.typing', undefined, false)) {
    const userIds = sources.typing.in(news.room.id).userIds.filter((userId) => !scope.ignored.has(userId));
    parts.push(`{"type":"m.typing","content":{"user_ids":${JSON.stringify(userIds)}}}`);
  }
  return `[${parts.join(',')}]`;
}

function unreadJson(counts: RoomUnreadCounts, byThread: boolean): string {
  let { notification_count: notify, highlight_count: highlight } = counts;
  if (byThread) {
    const threads = JSON.stringify(Object.fromEntries(counts.threads));
    const main = `"unread_notifications":{"notification_count":${notify},"highlight_count":${highlight}}`;
    return counts.threads.size === 0 ? main : `${main},"unread_thread_notifications":${threads}`;
  }
  for (const thread of counts.threads.values()) {
    notify += thread.notification_count;
    highlight += thread.highlight_count;
  }
  return `"unread_notifications":{"notification_count":${notify},"highlight_count":${highlight}}`;
}
