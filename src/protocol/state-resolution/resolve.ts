/**
 * State resolution: what the state of a room is where branches of its history meet.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#state-resolution
 */
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { AuthChains } from './auth-chains.ts';
import type { EventLookup } from './event-lookup.ts';
import { fullConflictedSet } from './full-conflicted-set.ts';
import { iterativeAuthChecks, overlay } from './iterative-auth-checks.ts';
import { mainlineOrdering } from './mainline-ordering.ts';
import { powerEventsAndTheirAuth } from './power-events.ts';
import { resolveConflictsV1 } from './resolve-v1.ts';
import { reverseTopologicalPowerOrdering } from './reverse-topological-power-ordering.ts';
import { splitConflicted } from './split-conflicted.ts';
import { type StateMap, type StateMapKey, stateMapKey } from './state-map.ts';

export interface StatesToResolve {
  readonly rules: RoomVersionRules;
  /** The states after the events that the branches end with, in any order. */
  readonly stateSets: readonly StateMap[];
  readonly authChains: AuthChains;
  /** At least what a `Gathering` asks for. */
  readonly events: EventLookup;
}

/** A conflict with all that belongs to it, for callers that gather events only once they know which. */
export interface Conflict {
  readonly unconflicted: StateMap;
  /** Of `fullConflictedSet`, or made of chain cover ranges. */
  readonly fullConflictedSet: ReadonlySet<string>;
}

/** The state that the states resolve to. */
export function resolve({ rules, stateSets, authChains, events }: StatesToResolve): Map<StateMapKey, string> {
  const { unconflicted, conflicted } = splitConflicted(rules, stateSets);
  const full = fullConflictedSet(rules, conflicted, stateSets, authChains);
  const resolved = new Map(unconflicted);
  for (const [key, eventId] of resolveConflicts(rules, { unconflicted, fullConflictedSet: full }, events)) {
    resolved.set(key, eventId);
  }
  return resolved;
}

/** What the resolved state has beside the unconflicted state map: small where the conflict is. */
export function resolveConflicts(
  rules: RoomVersionRules,
  conflict: Conflict,
  events: EventLookup,
): Map<StateMapKey, string> {
  if (conflict.fullConflictedSet.size === 0) return new Map();
  if (rules.stateResolution === 'v1') return resolveConflictsV1(rules, conflict, events);
  return resolveConflictsV2(rules, conflict, events);
}

const EMPTY: StateMap = new Map();

/** The five steps of v2, and of v2.1, which begins with an empty state. */
function resolveConflictsV2(
  rules: RoomVersionRules,
  conflict: Conflict,
  events: EventLookup,
): Map<StateMapKey, string> {
  const { unconflicted, fullConflictedSet: full } = conflict;
  const initial = rules.stateResolution === 'v2.1' ? EMPTY : unconflicted;

  const powerEvents = powerEventsAndTheirAuth(full, events);
  const sortedPowerEvents = reverseTopologicalPowerOrdering(rules, powerEvents, events);
  const powerChanges = iterativeAuthChecks(rules, initial, sortedPowerEvents, events);
  const partiallyResolved = overlay(powerChanges, initial);

  const remaining = [...full].filter((eventId) => !powerEvents.has(eventId));
  const powerLevels = partiallyResolved.get(stateMapKey('m.room.power_levels', ''));
  const sortedRemaining = mainlineOrdering(powerLevels, remaining, events);
  const otherChanges = iterativeAuthChecks(rules, partiallyResolved, sortedRemaining, events);

  const changes = new Map([...powerChanges, ...otherChanges]);
  for (const key of changes.keys()) if (unconflicted.has(key)) changes.delete(key);
  return changes;
}
