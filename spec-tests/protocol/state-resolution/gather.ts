import type { RoomEvent } from '../../../src/protocol/events/pdu.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';
import type { AuthChains } from '../../../src/protocol/state-resolution/auth-chains.ts';
import { eventsToGather } from '../../../src/protocol/state-resolution/events-to-gather.ts';
import { fullConflictedSet } from '../../../src/protocol/state-resolution/full-conflicted-set.ts';
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
  const events = new Map<string, RoomEvent>();
  let rounds = 0;
  for (;;) {
    const missing = eventsToGather(rules, conflict, events);
    if (missing.size === 0) break;
    rounds++;
    for (const eventId of missing) {
      const event = database.get(eventId);
      if (!event) throw new Error(`${eventId} is asked for and in no database`);
      events.set(eventId, event);
    }
  }
  const changes = resolveConflicts(rules, conflict, events);
  return { resolved: new Map([...unconflicted, ...changes]), rounds, gathered: events.size };
}
