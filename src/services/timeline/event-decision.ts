import type { Verdict } from '../../protocol/authorization/verdict.ts';
import type { PagePoint } from '../../storage/contract/events.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { WriteDependencies } from './event-writes.ts';
import type { NotificationPlanner } from './notification-plan.ts';
import type { PartialEntry } from './partial-state/partial-writes.ts';
import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';
import type { RoomEvents } from './room-events.ts';
import type { StoredEvent } from './stored-event.ts';

export interface DecideDependencies extends WriteDependencies {
  readonly rooms: RoomCache;
  readonly notifications: NotificationPlanner;
}

/** Where a decision is made: all that was decided before is in the database, or among the events. */
export interface DecisionPlace {
  readonly set: WriteSet;
  readonly room: Room;
  readonly events: RoomEvents;
}

/** What is to become of an event. */
export type Decided =
  | { readonly outcome: 'known'; readonly event: StoredEvent }
  /** An event of another room has its id: nothing was decided. */
  | { readonly outcome: 'taken' }
  /** Events that it names are not here: nothing was decided. */
  | { readonly outcome: 'missing'; readonly prevEvents: readonly string[]; readonly authEvents: readonly string[] }
  | {
      readonly outcome: 'accepted' | 'rejected' | 'soft-failed';
      readonly event: StoredEvent;
      /** Which rule refused it. */
      readonly verdict: Verdict;
    };

/** The same, and the promise of its being durable. */
export type Decision = Decided & { readonly done: Promise<void> };

export interface DecideOptions {
  /** Topmost layers of the states after events that it names and that are not here, as other servers told them. */
  readonly statesAfterMissing?: ReadonlyMap<string, number>;
  /** Topmost layer of the state before it, as another server told it, whatever it names. */
  readonly stateBefore?: number | undefined;
  /** Whether this server enters the room with the event: nothing that it knew of the room before counts. */
  readonly isEntry?: boolean;
  /** Of an entry: not all members were told. */
  readonly partial?: PartialEntry | undefined;
  /** Of events of the past: their place in the pages. */
  readonly page?: PagePoint | undefined;
  /** The server that made the event, if this one took it upon itself to send it to the others of the room. */
  readonly relayedFrom?: string | undefined;
  /** Whether others see to it that all servers of the room get it. */
  readonly isSpread?: boolean | undefined;
  /** Neither the room's policy server nor the gates here want it: it is soft-failed. */
  readonly isNotRecommended?: boolean;
  /** Adds what belongs to the event, once accepted, to its write set. */
  readonly also?: (set: WriteSet, event: StoredEvent) => void;
  /** A set that the writes join. */
  readonly set?: WriteSet | undefined;
  /** Not stored if it is refused. */
  readonly onlyIfAllowed?: boolean;
}
