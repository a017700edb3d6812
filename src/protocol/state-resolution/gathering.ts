/** Which events a resolution reads: the full conflicted set, what its checks and orderings look at, and no more. */
import { authEventKeys } from '../authorization/auth-event-keys.ts';
import type { RoomEvent } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { authEventIds, type EventLookup, impliedCreateEventId } from './event-lookup.ts';
import type { Conflict } from './resolve.ts';
import { stateMapKey } from './state-map.ts';

/**
 * The events of one resolution while they are gathered:
 *
 *     const gathering = new Gathering(rules, conflict);
 *     while (gathering.missing.size > 0) for (const event of await load(gathering.missing)) gathering.add(event);
 *     const changes = resolveConflicts(rules, conflict, gathering);
 *
 * Each round goes one step back along the power levels of the room. With all its power levels events added before, which
 * are never many, three rounds suffice.
 */
export class Gathering implements EventLookup {
  readonly #rules: RoomVersionRules;
  readonly #conflict: Conflict;
  readonly #events = new Map<string, RoomEvent>();
  readonly #wanted = new Set<string>();
  readonly #missing = new Set<string>();

  constructor(rules: RoomVersionRules, conflict: Conflict) {
    this.#rules = rules;
    this.#conflict = conflict;
    for (const eventId of conflict.fullConflictedSet) this.#missing.add(eventId);
    const powerLevels = conflict.unconflicted.get(stateMapKey('m.room.power_levels', ''));
    // v2.1 begins with an empty state and never looks at the unconflicted one.
    if (rules.stateResolution === 'v2' && powerLevels !== undefined) this.#missing.add(powerLevels);
    for (const eventId of this.#missing) this.#wanted.add(eventId);
  }

  /** Ids of the events to add. Adding them may show that others are read too. */
  get missing(): ReadonlySet<string> {
    return this.#missing;
  }

  get size(): number {
    return this.#events.size;
  }

  get(eventId: string): RoomEvent | undefined {
    return this.#events.get(eventId);
  }

  /** Adds an event that is missing, or one that may be read later on. */
  add(event: RoomEvent): void {
    this.#events.set(event.eventId, event);
    if (this.#missing.delete(event.eventId)) this.#wantWhatIsReadWith(event);
  }

  #wantWhatIsReadWith(first: RoomEvent): void {
    // A list and no recursion: mainlines are followed as far back as they go.
    const unread = [first];
    for (let event = unread.pop(); event; event = unread.pop()) {
      for (const eventId of this.#readWith(event)) {
        if (this.#wanted.has(eventId)) continue;
        this.#wanted.add(eventId);
        const known = this.#events.get(eventId);
        if (known) unread.push(known);
        else this.#missing.add(eventId);
      }
    }
  }

  #readWith({ eventId, pdu }: RoomEvent): string[] {
    const { stateResolution } = this.#rules;
    const isConflicted = this.#conflict.fullConflictedSet.has(eventId);
    const read: string[] = [];
    if (stateResolution !== 'v1' && (isConflicted || pdu.type === 'm.room.power_levels')) {
      read.push(...authEventIds(pdu));
      const create = impliedCreateEventId(this.#rules, pdu);
      if (create !== undefined) read.push(create);
    }
    if (stateResolution !== 'v2.1' && isConflicted) {
      for (const key of authEventKeys(this.#rules, pdu)) {
        const unconflicted = this.#conflict.unconflicted.get(stateMapKey(...key));
        if (unconflicted !== undefined) read.push(unconflicted);
      }
    }
    return read;
  }
}
