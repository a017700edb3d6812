/**
 * The conflicted state subgraph: all paths along `auth_events` from one event of the conflicted state set to another.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
export function conflictedStateSubgraph(
  conflictedStateSet: ReadonlySet<string>,
  authEventsOf: (eventId: string) => readonly string[],
): Set<string> {
  const subgraph = new Set<string>();
  for (const eventId of authEventsFirst(conflictedStateSet, authEventsOf)) {
    const leadsBack = authEventsOf(eventId).some((authEvent) => subgraph.has(authEvent));
    if (leadsBack || conflictedStateSet.has(eventId)) subgraph.add(eventId);
  }
  return subgraph;
}

/** Everything that can be reached from `start`, each event after its auth events. */
function authEventsFirst(start: Iterable<string>, authEventsOf: (eventId: string) => readonly string[]): string[] {
  const ordered: string[] = [];
  const seen = new Set<string>();
  for (const first of start) {
    if (seen.has(first)) continue;
    seen.add(first);
    const path = [{ eventId: first, rest: authEventsOf(first)[Symbol.iterator]() }];
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const { value: next, done } = last.rest.next();
      if (done) {
        ordered.push(last.eventId);
        path.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        path.push({ eventId: next, rest: authEventsOf(next)[Symbol.iterator]() });
      }
    }
  }
  return ordered;
}
