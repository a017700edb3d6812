import {
  compileEventFilter,
  compileRoomChoice,
  type EventPredicate,
  passesNothing,
} from '../../protocol/filters/compile-filter.ts';
import type { EventFilter, Filter, RoomEventFilter } from '../../protocol/filters/filter.ts';
import { compileProjection, type Projection } from '../../protocol/filters/project-event.ts';

/** What one part of a response may hold. */
export interface CompiledEventFilter<F extends EventFilter = EventFilter> {
  /** As the client gave it: limits and flags. */
  readonly filter: F;
  readonly passes: EventPredicate;
  /** Whether nothing can pass, so that nobody needs to look. */
  readonly passesNothing: boolean;
  /** Whether it leaves no event out. */
  readonly passesEverything: boolean;
}

export interface CompiledRoomEventFilter extends CompiledEventFilter<RoomEventFilter> {
  /** Whether events of the room can pass. */
  readonly inRoom: (roomId: string) => boolean;
}

/** A sync filter made ready; the same object for the same text, so that it can be a key of caches. */
export interface CompiledFilter {
  readonly filter: Filter;
  readonly presence: CompiledEventFilter;
  readonly accountData: CompiledEventFilter;
  /** Whether the response may have the room at all. */
  readonly inRoom: (roomId: string) => boolean;
  readonly includeLeave: boolean;
  readonly timeline: CompiledRoomEventFilter;
  readonly state: CompiledRoomEventFilter;
  readonly ephemeral: CompiledRoomEventFilter;
  readonly roomAccountData: CompiledRoomEventFilter;
  /** Cuts events down to `event_fields`. */
  readonly project: Projection;
  /** Whether `project` leaves every event whole. */
  readonly wholeEvents: boolean;
}

export function compileRoomEventFilter(filter: RoomEventFilter = {}): CompiledRoomEventFilter {
  return { ...compilePart(filter), inRoom: compileRoomChoice(filter) };
}

export function compileFilter(filter: Filter): CompiledFilter {
  const { room = {} } = filter;
  return {
    filter,
    presence: compilePart(filter.presence ?? {}),
    accountData: compilePart(filter.account_data ?? {}),
    inRoom: compileRoomChoice(room),
    includeLeave: room.include_leave ?? false,
    timeline: compileRoomEventFilter(room.timeline),
    state: compileRoomEventFilter(room.state),
    ephemeral: compileRoomEventFilter(room.ephemeral),
    roomAccountData: compileRoomEventFilter(room.account_data),
    project: compileProjection(filter.event_fields),
    wholeEvents: filter.event_fields === undefined,
  };
}

/** Keys of a filter that leave no event out. */
const NOT_CHOOSING = new Set([
  'limit',
  'lazy_load_members',
  'include_redundant_members',
  'unread_thread_notifications',
]);

function compilePart<F extends EventFilter>(filter: F): CompiledEventFilter<F> {
  return {
    filter,
    passes: compileEventFilter(filter),
    passesNothing: passesNothing(filter),
    passesEverything: Object.keys(filter).every((key) => NOT_CHOOSING.has(key)),
  };
}
