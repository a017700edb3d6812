/**
 * What resolution asks of auth chains. `WalkedAuthChains` answers from events in hand, `IndexedChainCover` from
 * positions in a chain cover, which costs a fraction when chains are long.
 */
import { authDifference } from './auth-difference.ts';
import { conflictedStateSubgraph } from './conflicted-state-subgraph.ts';
import { authEventIds, type EventLookup, eventOf } from './event-lookup.ts';
import { fullAuthChain } from './full-auth-chain.ts';

export interface AuthChains<Id = string> {
  /** The events that some of the full auth chains of these sets of events have and others lack. */
  authDifference(stateSets: readonly Iterable<Id>[]): Iterable<Id>;
  /** The events on all paths along `auth_events` that begin and end in the set. */
  conflictedStateSubgraph(conflictedStateSet: ReadonlySet<Id>): Iterable<Id>;
}

/** Follows `auth_events` from event to event, so that whole auth chains have to be in `events`. */
export class WalkedAuthChains implements AuthChains {
  readonly #authEventsOf: (eventId: string) => readonly string[];

  constructor(events: EventLookup) {
    this.#authEventsOf = (eventId) => authEventIds(eventOf(events, eventId).pdu);
  }

  authDifference(stateSets: readonly Iterable<string>[]): Set<string> {
    return authDifference(stateSets.map((stateSet) => fullAuthChain(stateSet, this.#authEventsOf)));
  }

  conflictedStateSubgraph(conflictedStateSet: ReadonlySet<string>): Set<string> {
    return conflictedStateSubgraph(conflictedStateSet, this.#authEventsOf);
  }
}
