/**
 * Iterative auth checks: applies to a state, one after the other, the events that the authorization rules allow.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
import { authorize } from '../authorization/authorize.ts';
import type { Pdu, RoomEvent, StateView } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { authEventFor, type EventLookup, eventOf } from './event-lookup.ts';
import { type StateMapKey, stateMapKey, stateMapKeyOf } from './state-map.ts';

/** The part of a state map that the checks read. */
export interface StateLookup {
  get(key: StateMapKey): string | undefined;
}

/** What becomes of `initial`: the entries that were set, without those that stay as they were. */
export function iterativeAuthChecks(
  rules: RoomVersionRules,
  initial: StateLookup,
  sortedEventIds: readonly string[],
  events: EventLookup,
): Map<StateMapKey, string> {
  const changes = new Map<StateMapKey, string>();
  const state = overlay(changes, initial);
  for (const eventId of sortedEventIds) {
    const event = eventOf(events, eventId);
    if (authorize(rules, event, stateToCheckBy(rules, event.pdu, state, events)).allowed) {
      changes.set(stateMapKeyOf(event.pdu), eventId);
    }
  }
  return changes;
}

/** `changes` in front of `state`. */
export function overlay(changes: StateLookup, state: StateLookup): StateLookup {
  return { get: (key) => changes.get(key) ?? state.get(key) };
}

/** Entries that the state lacks are taken from the event's own auth events, unless those were rejected. */
function stateToCheckBy(rules: RoomVersionRules, pdu: Pdu, state: StateLookup, events: EventLookup): StateView {
  return {
    get(type: string, stateKey: string): RoomEvent | undefined {
      const eventId = state.get(stateMapKey(type, stateKey));
      if (eventId !== undefined) return eventOf(events, eventId);
      const authEvent = authEventFor(rules, events, pdu, type, stateKey);
      return authEvent?.rejected ? undefined : authEvent;
    },
  };
}
