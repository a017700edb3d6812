import { eventLimit } from '../../protocol/filters/compile-filter.ts';
import type { CompiledFilter } from '../filters/compiled-filter.ts';

/** What a sync asks of a client's filter beside its parts: limits, flags, and which parts leave nothing out. */
export interface SyncFilter extends CompiledFilter {
  /** Events of a room's timeline at most. */
  readonly timelineLimit: number;
  /** Whether every event of a timeline passes. */
  readonly everyTimelineEvent: boolean;
  readonly everyStateEvent: boolean;
  readonly lazyMembers: boolean;
  readonly redundantMembers: boolean;
  /** Whether threads have unread counts of their own. */
  readonly threadCounts: boolean;
  /** Whether events come as other servers get them. */
  readonly federationFormat: boolean;
}

const made = new WeakMap<CompiledFilter, SyncFilter>();

/** Makes a compiled filter ready for sync, once. */
export function syncFilter(compiled: CompiledFilter, timelineMax: number): SyncFilter {
  const known = made.get(compiled);
  if (known) return known;
  const timeline = compiled.timeline.filter;
  const state = compiled.state.filter;
  const filter: SyncFilter = {
    ...compiled,
    timelineLimit: eventLimit(timeline, timelineMax),
    everyTimelineEvent: compiled.timeline.passesEverything,
    everyStateEvent: compiled.state.passesEverything,
    lazyMembers: state.lazy_load_members ?? timeline.lazy_load_members ?? false,
    redundantMembers: state.include_redundant_members ?? false,
    threadCounts: timeline.unread_thread_notifications ?? false,
    federationFormat: compiled.filter.event_format === 'federation',
  };
  made.set(compiled, filter);
  return filter;
}
