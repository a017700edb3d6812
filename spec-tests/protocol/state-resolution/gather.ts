import type { RoomEvent } from '../../../src/protocol/events/pdu.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';
import type { AuthChains } from '../../../src/protocol/state-resolution/auth-chains.ts';
import { fullConflictedSet } from '../../../src/protocol/state-resolution/full-conflicted-set.ts';
import { Gathering } from '../../../src/protocol/state-resolution/gathering.ts';
import { resolveConflicts } from '../../../src/protocol/state-resolution/resolve.ts';
import { splitConflicted } from '../../../src/protocol/state-resolution/split-conflicted.ts';
import type { StateMap } from '../../../src/protocol/state-resolution/state-map.ts';

/** Resolves as a server does whose events are in a database: loads what it is told to, then decides on that alone. */
export function gatherAndResolve(
  rules: RoomVersionRules,
  stateSets: readonly StateMap[],
  authChains: AuthChains,
  database: ReadonlyMap<string, RoomEvent>,
): { resolved: StateMap; rounds: number; gathered: number } {
  const { unconflicted, conflicted } = splitConflicted(rules, stateSets);
  const conflict = { unconflicted, fullConflictedSet: fullConflictedSet(rules, conflicted, stateSets, authChains) };
  const gathering = new Gathering(rules, conflict);
  let rounds = 0;
  for (; gathering.missing.size > 0; rounds++) {
    for (const eventId of [...gathering.missing]) {
      const event = database.get(eventId);
      if (!event) throw new Error(`${eventId} is asked for and in no database`);
      gathering.add(event);
    }
  }
  const changes = resolveConflicts(rules, conflict, gathering);
  return { resolved: new Map([...unconflicted, ...changes]), rounds, gathered: gathering.size };
}
