import {
  compileEventFilter,
  compileRoomChoice,
  type EventPredicate,
  eventLimit,
  passesNothing,
} from '../../protocol/filters/compile-filter.ts';
import type { Filter, RoomEventFilter } from '../../protocol/filters/filter.ts';
import { compileProjection, type Projection } from '../../protocol/filters/project-event.ts';

/** One part of a filter, as functions. */
export interface PartFilter {
  readonly passes: EventPredicate;
  readonly inRoom: (roomId: string) => boolean;
  /** Nothing passes, so that nobody needs to look. */
  readonly nothing: boolean;
  /** Everything passes. */
  readonly everything: boolean;
  readonly limit: number;
}

/** A client's filter, compiled for sync. */
export interface SyncFilter {
  readonly inRoom: (roomId: string) => boolean;
  readonly includeLeave: boolean;
  readonly timeline: PartFilter;
  readonly state: PartFilter;
  readonly ephemeral: PartFilter;
  readonly roomAccountData: PartFilter;
  readonly accountData: PartFilter;
  readonly presence: PartFilter;
  readonly lazyMembers: boolean;
  readonly redundantMembers: boolean;
  /** Whether threads have unread counts of their own. */
  readonly threadCounts: boolean;
  /** Whether events come as other servers get them. */
  readonly federationFormat: boolean;
  /** Leaves in an event what the client wants of it; undefined for everything. */
  readonly project: Projection | undefined;
}

function part(filter: RoomEventFilter | undefined, maxLimit: number): PartFilter {
  const everything = filter === undefined || Object.keys(filter).every((key) => NOT_CHOOSING.has(key));
  return {
    passes: compileEventFilter(filter),
    inRoom: compileRoomChoice(filter),
    nothing: passesNothing(filter),
    everything,
    limit: eventLimit(filter, maxLimit),
  };
}

/** Keys of a filter that leave no event out. */
const NOT_CHOOSING = new Set([
  'limit',
  'lazy_load_members',
  'include_redundant_members',
  'unread_thread_notifications',
]);

const compiled = new WeakMap<Filter, SyncFilter>();

/** Compiles a filter, once for each filter object. `maxLimit`: events of a room's timeline at most. */
export function compileSyncFilter(filter: Filter, maxLimit: number): SyncFilter {
  const known = compiled.get(filter);
  if (known) return known;
  const room = filter.room ?? {};
  const made: SyncFilter = {
    inRoom: compileRoomChoice(room),
    includeLeave: room.include_leave ?? false,
    timeline: part(room.timeline, maxLimit),
    state: part(room.state, Number.MAX_SAFE_INTEGER),
    ephemeral: part(room.ephemeral, maxLimit),
    roomAccountData: part(room.account_data, maxLimit),
    accountData: part(filter.account_data, maxLimit),
    presence: part(filter.presence, maxLimit),
    lazyMembers: room.state?.lazy_load_members ?? room.timeline?.lazy_load_members ?? false,
    redundantMembers: room.state?.include_redundant_members ?? false,
    threadCounts: room.timeline?.unread_thread_notifications ?? false,
    federationFormat: filter.event_format === 'federation',
    project: filter.event_fields && compileProjection(filter.event_fields),
  };
  compiled.set(filter, made);
  return made;
}
