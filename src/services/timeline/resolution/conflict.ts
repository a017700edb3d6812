/**
 * A conflict between states of a room, by the numbers of events and of state keys.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
import type { RoomEvent } from '../../../protocol/events/pdu.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';

/** An event with its number. */
export interface NumberedEvent extends RoomEvent {
  readonly nid: number;
}

/** Where the events of a room are read. */
export interface EventSource {
  /** @throws Error if one of them is not stored */
  withNids(nids: Iterable<number>): Promise<ReadonlyMap<number, NumberedEvent>>;
  /** Those that are stored. */
  withIds(eventIds: Iterable<string>): Promise<ReadonlyMap<string, NumberedEvent>>;
}

export interface Conflict {
  readonly rules: RoomVersionRules;
  /** For each state, its events under the keys on which the states do not agree; fewer where it has none. */
  readonly stateSets: readonly (readonly number[])[];
  /** The event that all states agree on under a key. */
  readonly agreedOn: (type: string, stateKey: string) => number | undefined;
  readonly events: EventSource;
}

/** What resolution asks of auth chains. */
export interface ConflictChains {
  /** The events that some of the full auth chains of the states have and others lack. */
  authDifference(stateSets: readonly (readonly NumberedEvent[])[]): Promise<Iterable<NumberedEvent>>;
  /** The events on all paths along `auth_events` that begin and end in the set. */
  conflictedStateSubgraph(conflicted: readonly NumberedEvent[]): Promise<Iterable<NumberedEvent>>;
}
