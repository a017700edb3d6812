import type { JsonObject } from '../../protocol/json.ts';
import { clientEventJson } from '../timeline/client-event-json.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { SyncSources } from './sources.ts';
import type { SyncScope } from './sync-request.ts';

/** The user's membership when an event was sent; undefined if it is not known. */
type MembershipTeller = (event: StoredEvent) => string | undefined;

/**
 * Events as a JSON array, in the form that the filter asks for.
 * @param room where they are from; of a room that this server does not know, what the user's membership was
 * @param timeline given if they are a stretch of the timeline, and not single events of the state
 */
export function eventListJson(
  events: readonly StoredEvent[],
  scope: SyncScope,
  room: Room | MembershipTeller,
  timeline?: { readonly bundles: ReadonlyMap<string, string> },
): string {
  if (events.length === 0) return '[]';
  const isStretch = timeline !== undefined && scope.filter.everyTimelineEvent;
  const membership = typeof room === 'function' ? room : membershipTeller(events, scope, room, isStretch);
  const { project, wholeEvents, federationFormat } = scope.filter;
  if (federationFormat) return `[${events.map((event) => event.json).join(',')}]`;
  const texts = events.map((event) => {
    const text = clientEventJson(event, {
      now: scope.now,
      userId: scope.userId,
      deviceId: scope.deviceId,
      membership: membership(event),
      bundle: timeline?.bundles.get(event.eventId),
    });
    return wholeEvents ? text : JSON.stringify(project(JSON.parse(text) as JsonObject));
  });
  return `[${texts.join(',')}]`;
}

/**
 * The user's membership when an event was sent: the present one back to where it began, and before that what their own
 * membership events on the way say was there before. Of older events that stand alone it is not known without asking
 * the database, and not said.
 */
function membershipTeller(
  events: readonly StoredEvent[],
  { userId }: SyncScope,
  room: Room,
  isStretch: boolean,
): MembershipTeller {
  const own = room.get('m.room.member', userId);
  const present = own && room.membershipOf(userId);
  const changes = events.filter((event) => event.type === 'm.room.member' && event.stateKey === userId);
  return (event) => {
    if (event.stateKey === userId && event.type === 'm.room.member') return stringOf(event.content['membership']);
    if (own && own.position <= event.position) return present;
    if (!isStretch) return undefined;
    const before = changes.findLast((change) => change.position < event.position);
    if (before) return stringOf(before.content['membership']);
    const after = changes.find((change) => change.position > event.position) ?? own;
    return after && previousMembership(after);
  };
}

function previousMembership(member: StoredEvent): string | undefined {
  if (member.unsigned === '') return 'leave';
  const unsigned = JSON.parse(`{${member.unsigned}}`) as JsonObject;
  const previous = unsigned['prev_content'];
  return typeof previous === 'object' && previous !== null && !Array.isArray(previous)
    ? stringOf(previous['membership'])
    : undefined;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The events of a timeline with what clients see beside them: their transactions and what relates to them. */
export async function timelineJson(
  sources: SyncSources,
  events: readonly StoredEvent[],
  scope: SyncScope,
  room: Room,
): Promise<string> {
  if (events.length === 0) return '[]';
  await sources.transactions.lookUp(events, scope.userId);
  const bundles = await sources.relations.bundles(room, scope.userId, events);
  const shown = await sources.visibility.shown(room, scope.userId, events);
  return eventListJson(shown, scope, room, { bundles });
}
