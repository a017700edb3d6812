/**
 * Unconflicted state map and conflicted state set.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { StateMap, StateMapKey } from './state-map.ts';

export interface ConflictSplit {
  readonly unconflicted: ReadonlyMap<StateMapKey, string>;
  /** Ids of events. Several may be of one entry. */
  readonly conflicted: ReadonlySet<string>;
}

/**
 * Keeps what all sets agree on apart from the rest. A set that lacks an entry disagrees with those that have it, except
 * in state resolution v1, where only different events conflict.
 */
export function splitConflicted(rules: RoomVersionRules, stateSets: readonly StateMap[]): ConflictSplit {
  const lackingAgrees = rules.stateResolution === 'v1';
  const unconflicted = new Map<StateMapKey, string>();
  const conflicted = new Set<string>();
  const judged = new Set<StateMapKey>();
  for (const [index, stateSet] of stateSets.entries()) {
    for (const [key, eventId] of stateSet) {
      if (index > 0 && judged.has(key)) continue;
      if (stateSets.length > 1) judged.add(key);
      const agreed = stateSets.every((other) => {
        const theirs = other.get(key);
        return theirs === eventId || (theirs === undefined && lackingAgrees);
      });
      if (agreed) unconflicted.set(key, eventId);
      else addAll(conflicted, stateSets, key);
    }
  }
  return { unconflicted, conflicted };
}

function addAll(conflicted: Set<string>, stateSets: readonly StateMap[], key: StateMapKey): void {
  for (const stateSet of stateSets) {
    const eventId = stateSet.get(key);
    if (eventId !== undefined) conflicted.add(eventId);
  }
}
