/**
 * The full conflicted set: all events that resolution weighs against each other.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { AuthChains } from './auth-chains.ts';
import type { StateMap } from './state-map.ts';

/**
 * The conflicted state set and the auth difference, with the conflicted state subgraph in v2.1. State resolution v1
 * looks at nothing but the conflicting events.
 */
export function fullConflictedSet(
  rules: RoomVersionRules,
  conflictedStateSet: ReadonlySet<string>,
  stateSets: readonly StateMap[],
  authChains: AuthChains,
): ReadonlySet<string> {
  if (rules.stateResolution === 'v1' || conflictedStateSet.size === 0) return conflictedStateSet;
  const full = new Set(conflictedStateSet);
  for (const eventId of authChains.authDifference(stateSets.map((stateSet) => stateSet.values()))) full.add(eventId);
  if (rules.stateResolution === 'v2.1') {
    for (const eventId of authChains.conflictedStateSubgraph(conflictedStateSet)) full.add(eventId);
  }
  return full;
}
