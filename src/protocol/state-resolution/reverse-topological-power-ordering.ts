/**
 * Reverse topological power ordering: every event after its auth events, and among those that could come next the one
 * whose sender has most power, then the oldest, then the one with the smallest id.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
import { powerLevelsOf } from '../authorization/power-levels.ts';
import { compareCodePoints } from '../canonical-json/compare-code-points.ts';
import type { RoomEvent } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { authEventFor, authEventIds, type EventLookup, eventOf } from './event-lookup.ts';
import { PriorityQueue } from './priority-queue.ts';

interface Vertex {
  readonly eventId: string;
  readonly powerLevel: number;
  readonly originServerTs: number;
  /** How many of its auth events are still to come. */
  waitsFor: number;
  readonly next: Vertex[];
}

/** Sorts with Kahn's algorithm, from the earliest event to the latest. */
export function reverseTopologicalPowerOrdering(
  rules: RoomVersionRules,
  eventIds: ReadonlySet<string>,
  events: EventLookup,
): string[] {
  const vertices = new Map<string, Vertex>();
  for (const eventId of eventIds) vertices.set(eventId, vertexOf(rules, eventOf(events, eventId), events));
  for (const vertex of vertices.values()) {
    for (const authEvent of authEventIds(eventOf(events, vertex.eventId).pdu)) {
      const before = vertices.get(authEvent);
      if (!before) continue;
      before.next.push(vertex);
      vertex.waitsFor++;
    }
  }

  const candidates = new PriorityQueue(compare);
  for (const vertex of vertices.values()) if (vertex.waitsFor === 0) candidates.push(vertex);
  const ordered: string[] = [];
  for (let smallest = candidates.pop(); smallest; smallest = candidates.pop()) {
    ordered.push(smallest.eventId);
    for (const vertex of smallest.next) if (--vertex.waitsFor === 0) candidates.push(vertex);
  }
  return ordered;
}

function vertexOf(rules: RoomVersionRules, event: RoomEvent, events: EventLookup): Vertex {
  const { eventId, pdu } = event;
  const powerLevel = senderPowerLevel(rules, event, events);
  return { eventId, powerLevel, originServerTs: pdu.origin_server_ts, waitsFor: 0, next: [] };
}

/** What the sender's power level was when looking at the auth events of the event. */
function senderPowerLevel(rules: RoomVersionRules, { pdu }: RoomEvent, events: EventLookup): number {
  const create = pdu.type === 'm.room.create' ? undefined : authEventFor(rules, events, pdu, 'm.room.create', '');
  const levels = authEventFor(rules, events, pdu, 'm.room.power_levels', '');
  return powerLevelsOf(rules, create, levels).userLevel(pdu.sender);
}

function compare(x: Vertex, y: Vertex): number {
  // Not a difference: creators have infinite power, and ∞ − ∞ is no number.
  if (x.powerLevel !== y.powerLevel) return x.powerLevel > y.powerLevel ? -1 : 1;
  return x.originServerTs - y.originServerTs || compareCodePoints(x.eventId, y.eventId);
}
