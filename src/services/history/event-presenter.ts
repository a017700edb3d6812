import type { Clock } from '../../util/clock.ts';
import { clientEventJson } from '../timeline/client-event-json.ts';
import type { EventTransactions } from '../timeline/event-transactions.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { HistoryVisibility } from './history-visibility.ts';

/** Who is shown events. */
export interface Viewer {
  readonly userId: string;
  readonly deviceId?: string | undefined;
}

/** Knows what relates to events. */
export interface Bundler {
  /** The members of `m.relations` of those events that have any, by event id. */
  bundles(room: Room, userId: string, events: readonly StoredEvent[]): Promise<ReadonlyMap<string, string>>;
}

export interface EventPresenterParts {
  readonly clock: Clock;
  readonly transactions: EventTransactions;
  readonly visibility: HistoryVisibility;
  readonly bundler: Bundler;
}

/** Shows events to clients, with what is in `unsigned` for them alone. */
export class EventPresenter {
  private readonly parts: EventPresenterParts;

  constructor(parts: EventPresenterParts) {
    this.parts = parts;
  }

  /** JSON of each event, in the same order; with what relates to them. All are of one room. */
  async present(viewer: Viewer, room: Room, events: readonly StoredEvent[]): Promise<string[]> {
    if (events.length === 0) return [];
    const { clock, transactions, visibility, bundler } = this.parts;
    await transactions.lookUp(events, viewer.userId);
    const bundles = await bundler.bundles(room, viewer.userId, events);
    const membershipAt = await visibility.membershipAt(room, viewer.userId, events);
    const now = clock.now();
    const { userId, deviceId } = viewer;
    return (await visibility.shown(room, userId, events)).map((event) =>
      clientEventJson(event, {
        now,
        userId,
        deviceId,
        membership: membershipAt(event),
        bundle: bundles.size === 0 ? undefined : bundles.get(event.eventId),
      }),
    );
  }

  /** An event of the state, without what relates to it. */
  stateEventJson(viewer: Viewer, event: StoredEvent): string {
    const { userId, deviceId } = viewer;
    return clientEventJson(event, { now: this.parts.clock.now(), userId, deviceId });
  }

  /** The same for several, as a JSON array. */
  stateJson(viewer: Viewer, events: Iterable<StoredEvent>): string {
    const now = this.parts.clock.now();
    const { userId, deviceId } = viewer;
    let out = '';
    for (const event of events) out += (out === '' ? '' : ',') + clientEventJson(event, { now, userId, deviceId });
    return `[${out}]`;
  }
}
