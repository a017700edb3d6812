import { historyVisibilityIn, membershipIn } from '../../protocol/events/content-readers.ts';
import { mayUserSee } from '../../protocol/visibility/history-visibility.ts';
import type { RetentionPolicy } from '../retention/retention-policy.ts';
import { DUMMY_EVENT } from '../timeline/merge-ends.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { ErasedEvents } from './erased-events.ts';
import type { PastStates } from './past-states.ts';
import { before, lastLeave, type StateHistories, type StateHistory } from './state-histories.ts';

const VISIBILITY = 'm.room.history_visibility';
const MEMBER = 'm.room.member';

/** The user's membership when an event was sent, with what the event itself made of it. */
export type MembershipAt = (event: StoredEvent) => string;

/**
 * Which events of the past a user may see. Each event is judged by the state around it, which two short histories
 * tell: that of the room's history visibility, and that of the user's membership.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
 */
export class HistoryVisibility {
  private readonly histories: StateHistories;
  private readonly past: PastStates;
  private readonly erased: ErasedEvents;
  private readonly retention: Pick<RetentionPolicy, 'cutoff'>;

  constructor(
    histories: StateHistories,
    past: PastStates,
    erased: ErasedEvents,
    retention: Pick<RetentionPolicy, 'cutoff'>,
  ) {
    this.histories = histories;
    this.past = past;
    this.erased = erased;
    this.retention = retention;
  }

  /** Events that the user may see, without what erased users have said in them if the user came later. All are of one room. */
  shown(room: Room, userId: string, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    return this.erased.shownTo(room, userId, events);
  }

  /** Those of `events`, all of one room, that the user may see, in the same order. */
  async filter(room: Room, userId: string, found: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const cutoff = this.retention.cutoff(room);
    const isHidden = (event: StoredEvent) => isDummy(event) || isExpired(event, cutoff);
    const events = found.some(isHidden) ? found.filter((event) => !isHidden(event)) : found;
    if (events.length === 0) return events;
    const visibility = await this.histories.of(room, VISIBILITY, '');
    if (room.isJoined(userId) && visibility.every(isOpenToMembers)) return events;
    const membership = await this.histories.of(room, MEMBER, userId);
    const seen: StoredEvent[] = [];
    for (const event of events) {
      const isSeen =
        event.position > 0 && !room.hadBranches
          ? mayUserSee(factsOf(event, userId, visibility, membership))
          : await this.seesOld(room, userId, event, membership);
      if (isSeen) seen.push(event);
    }
    return seen;
  }

  /** The event by which somebody who is not in the room now left it; undefined if they never were. */
  async leftBy(room: Room, userId: string): Promise<StoredEvent | undefined> {
    return lastLeave(await this.histories.of(room, MEMBER, userId));
  }

  /** For `unsigned.membership` of these events. */
  async membershipAt(room: Room, userId: string, events: readonly StoredEvent[]): Promise<MembershipAt> {
    const present = room.get(MEMBER, userId);
    if (!present) return () => 'leave';
    const now = membershipIn(present.content) ?? 'leave';
    if (events.every((event) => event.position >= present.position)) return () => now;
    const history = await this.histories.of(room, MEMBER, userId);
    return (event) => membershipIn(before(history, event.position + 1)?.content) ?? 'leave';
  }

  /**
   * By the event's own state layers: it is from before this server took part, or of a room with branches, where what was
   * current here need not be what was so where the event stands.
   */
  private async seesOld(room: Room, userId: string, event: StoredEvent, membership: StateHistory): Promise<boolean> {
    const layer = event.stateBefore;
    if (layer === undefined) return true;
    const visibility = await this.past.one(room, layer, VISIBILITY, '');
    const member = await this.past.one(room, layer, MEMBER, userId);
    return mayUserSee({
      visibility: historyVisibilityIn(visibility?.content),
      ...changeBy(event, userId),
      membership: membershipIn(member?.content),
      joinedLater: membership.some((member) => isJoin(member) && isLater(member, event)),
    });
  }
}

/** Servers send them to each other; they say nothing to people. */
function isDummy(event: StoredEvent): boolean {
  return event.type === DUMMY_EVENT;
}

/** Messages whose time is over; they may still wait to be deleted. */
function isExpired(event: StoredEvent, cutoff: number | undefined): boolean {
  return cutoff !== undefined && event.stateKey === undefined && event.originServerTs < cutoff;
}

function isOpenToMembers(event: StoredEvent): boolean {
  const visibility = historyVisibilityIn(event.content);
  return visibility === 'shared' || visibility === 'world_readable';
}

function isJoin(event: StoredEvent): boolean {
  return membershipIn(event.content) === 'join';
}

/** Events from before this server took part have no position: every join came after them. */
function isLater(member: StoredEvent, event: StoredEvent): boolean {
  return event.position === 0 || member.position > event.position;
}

function changeBy(event: StoredEvent, userId: string) {
  if (event.type === VISIBILITY && event.stateKey === '') {
    return { visibilityAfter: historyVisibilityIn(event.content) };
  }
  const membership = event.type === MEMBER && event.stateKey === userId ? membershipIn(event.content) : undefined;
  return membership === undefined ? {} : { membershipAfter: membership };
}

function factsOf(event: StoredEvent, userId: string, visibility: StateHistory, membership: StateHistory) {
  return {
    visibility: historyVisibilityIn(before(visibility, event.position)?.content),
    ...changeBy(event, userId),
    membership: membershipIn(before(membership, event.position)?.content),
    joinedLater: membership.some((member) => member.position > event.position && isJoin(member)),
  };
}
