/**
 * Filters as functions.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#filtering
 */
import { compileGlob, type TextMatcher } from '../glob.ts';
import type { EventFilter, RoomEventFilter } from './filter.ts';

/** Whether an event passes. `contentHasUrl`: its content has a `url` key; of no interest where rooms are not concerned. */
export type EventPredicate = (type: string, sender: string | undefined, contentHasUrl: boolean) => boolean;

const EVERYTHING: EventPredicate = () => true;

/** What types, senders and `contains_url` let pass; rooms and relations are left to those who know them. */
export function compileEventFilter(filter: RoomEventFilter | EventFilter | undefined): EventPredicate {
  if (!filter) return EVERYTHING;
  const url = 'contains_url' in filter ? filter.contains_url : undefined;
  const type = compileChoice(filter.types, filter.not_types, typeMatcher);
  const sender = compileChoice(filter.senders, filter.not_senders, nameMatcher);
  if (!type && !sender && url === undefined) return EVERYTHING;
  return (eventType, eventSender, contentHasUrl) => {
    if (type && !type(eventType)) return false;
    if (sender && !sender(eventSender ?? '')) return false;
    return url === undefined || url === contentHasUrl;
  };
}

/** Whether `rooms` and `not_rooms` let the room pass. */
export function compileRoomChoice(
  filter: { readonly rooms?: readonly string[]; readonly not_rooms?: readonly string[] } | undefined,
): (roomId: string) => boolean {
  return compileChoice(filter?.rooms, filter?.not_rooms, nameMatcher) ?? (() => true);
}

/** Whether no event at all can pass, so that nobody needs to look for any. */
export function passesNothing(filter: RoomEventFilter | EventFilter | undefined): boolean {
  if (!filter) return false;
  if (filter.limit === 0 || filter.types?.length === 0 || filter.senders?.length === 0) return true;
  return ('rooms' in filter && filter.rooms?.length === 0) || (filter.not_types?.includes('*') ?? false);
}

/** How many events are asked for where a filter does not say. */
export const DEFAULT_EVENT_LIMIT = 10;

/** How many events to give: what the filter asks for, or the default, but not more than `max`. */
export function eventLimit(filter: EventFilter | undefined, max: number): number {
  return Math.min(filter?.limit ?? DEFAULT_EVENT_LIMIT, max);
}

type ListMatcher = (list: readonly string[]) => TextMatcher;

/** What is in `included`, if there is such a list, and not in `excluded`; undefined if there is neither. */
function compileChoice(
  included: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
  matcher: ListMatcher,
): TextMatcher | undefined {
  const isIncluded = included && matcher(included);
  const isExcluded = excluded && excluded.length > 0 ? matcher(excluded) : undefined;
  if (!isIncluded) return isExcluded && ((text) => !isExcluded(text));
  return isExcluded ? (text) => isIncluded(text) && !isExcluded(text) : isIncluded;
}

function nameMatcher(names: readonly string[]): TextMatcher {
  const known = new Set(names);
  return (text) => known.has(text);
}

/** Of wildcards, filters know only `*`: a `?` in a type stands for itself. */
function typeMatcher(types: readonly string[]): TextMatcher {
  const plain = nameMatcher(types.filter((type) => !type.includes('*')));
  const patterns = types.filter((type) => type.includes('*')).map(compileStars);
  return (text) => plain(text) || patterns.some((matches) => matches(text));
}

function compileStars(pattern: string): TextMatcher {
  if (!pattern.includes('?')) return compileGlob(pattern);
  const hidden = (text: string) => text.replaceAll('?', '\0');
  const matches = compileGlob(hidden(pattern));
  return (text) => matches(hidden(text));
}
