/**
 * State resolution of room version 1.
 * Source: https://spec.matrix.org/v1.19/rooms/v1/#state-resolution
 */
import { createHash } from 'node:crypto';
import { authorize } from '../authorization/authorize.ts';
import { compareCodePoints } from '../canonical-json/compare-code-points.ts';
import type { RoomEvent } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { type EventLookup, eventOf } from './event-lookup.ts';
import { overlay, type StateLookup } from './iterative-auth-checks.ts';
import type { Conflict } from './resolve.ts';
import { type StateMapKey, stateMapKey, stateMapKeyOf } from './state-map.ts';

/** Conflicting events of one entry, by ascending depth, then by descending SHA-1 of their ids. */
type Contenders = readonly RoomEvent[];

/** The types that authorization reads, in the order in which they are resolved. */
const AUTH_TYPES = ['m.room.power_levels', 'm.room.join_rules', 'm.room.member'];

/** The winner of each conflicting entry. */
export function resolveConflictsV1(
  rules: RoomVersionRules,
  { unconflicted, fullConflictedSet }: Conflict,
  events: EventLookup,
): Map<StateMapKey, string> {
  const resolved = new Map<StateMapKey, string>();
  const state = overlay(resolved, unconflicted);
  const isAllowed = (event: RoomEvent, by: StateLookup) =>
    authorize(rules, event, {
      get(type, stateKey) {
        const eventId = by.get(stateMapKey(type, stateKey));
        return eventId === undefined ? undefined : eventOf(events, eventId);
      },
    }).allowed;

  const conflicts = contendersByKey(fullConflictedSet, events);
  for (const type of AUTH_TYPES) {
    // Winners of one pass are not seen by the others of that pass: memberships have no order among each other.
    const winners: [StateMapKey, string][] = [];
    for (const [key, contenders] of conflicts) {
      if (contenders[0]?.pdu.type !== type) continue;
      winners.push([key, lastAllowedInARow(key, contenders, state, isAllowed).eventId]);
    }
    for (const [key, eventId] of winners) resolved.set(key, eventId);
  }
  for (const [key, contenders] of conflicts) {
    if (AUTH_TYPES.includes(contenders[0]?.pdu.type ?? '')) continue;
    // Where none is allowed the specification names no winner; other servers take the one of least depth.
    const winner = contenders.findLast((event) => isAllowed(event, state)) ?? contenders[0];
    if (winner) resolved.set(key, winner.eventId);
  }
  return resolved;
}

/** Takes the first, then each that the one before allows, until one is not allowed. */
function lastAllowedInARow(
  key: StateMapKey,
  contenders: Contenders,
  state: StateLookup,
  isAllowed: (event: RoomEvent, by: StateLookup) => boolean,
): RoomEvent {
  let last = contenders[0] as RoomEvent;
  for (const event of contenders.slice(1)) {
    if (!isAllowed(event, overlay(new Map([[key, last.eventId]]), state))) break;
    last = event;
  }
  return last;
}

function contendersByKey(conflicting: ReadonlySet<string>, events: EventLookup): Map<StateMapKey, Contenders> {
  const byKey = new Map<StateMapKey, RoomEvent[]>();
  for (const eventId of conflicting) {
    const event = eventOf(events, eventId);
    const key = stateMapKeyOf(event.pdu);
    const contenders = byKey.get(key);
    if (contenders) contenders.push(event);
    else byKey.set(key, [event]);
  }
  for (const contenders of byKey.values()) sortContenders(contenders);
  return byKey;
}

function sortContenders(contenders: RoomEvent[]): void {
  const hashes = new Map(contenders.map(({ eventId }) => [eventId, sha1(eventId)]));
  const hashOf = (event: RoomEvent) => hashes.get(event.eventId) ?? '';
  contenders.sort((x, y) => x.pdu.depth - y.pdu.depth || compareCodePoints(hashOf(y), hashOf(x)));
}

function sha1(eventId: string): string {
  return createHash('sha1').update(eventId).digest('hex');
}
