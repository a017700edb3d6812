import type { Pdu } from '../../protocol/events/pdu.ts';
import { isEventId } from '../../protocol/identifiers/event-id.ts';
import { authEventIds, impliedCreateEventId } from '../../protocol/state-resolution/event-lookup.ts';
import type { EventRow } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Room } from './room.ts';

/** Events read at once: between two batches others have their turn. */
const BATCH = 500;

/** Numbers of events by their ids. */
export type EventNids = ReadonlyMap<string, number>;

/**
 * Follows `auth_events` through storage, in batches, so that the memory it takes is that of the ids and nobody waits
 * for it.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#auth-events-selection
 */
export class AuthChains {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** The auth chain of events, by their parsed PDUs. They are in it themselves only where one is of another's chain. */
  of(room: Room, events: Iterable<Pdu>): Promise<EventNids> {
    const first = new WantedEvents(room);
    for (const pdu of events) first.addAuthEvents(pdu);
    return this.follow(first);
  }

  /** The ids of a state whose events have these numbers, and the auth chain of all of them. */
  async ofState(room: Room, nids: readonly number[]): Promise<{ state: EventNids; authChain: EventNids }> {
    const state = new Map<string, number>();
    const first = new WantedEvents(room);
    for (let at = 0; at < nids.length; at += BATCH) {
      const rows = await this.storage.readHeavy((tx) => tx.events.byNids(nids.slice(at, at + BATCH)));
      for (const row of rows) {
        state.set(row.event_id, row.event_nid);
        first.addAuthEvents(pduOf(row));
      }
    }
    return { state, authChain: await this.follow(first) };
  }

  /** The events with these ids and all that they follow from. */
  private async follow(wanted: WantedEvents): Promise<EventNids> {
    const found = new Map<string, number>();
    for (let batch = wanted.take(); batch.length > 0; batch = wanted.take()) {
      const rows = await this.storage.readHeavy((tx) => tx.events.byIds(batch));
      for (const row of rows) {
        if (row.room_nid !== wanted.room.nid) continue;
        found.set(row.event_id, row.event_nid);
        wanted.addAuthEvents(pduOf(row));
      }
    }
    return found;
  }

  /** The JSON of events, in batches, in the order of their numbers. */
  async *texts(nids: Iterable<number>): AsyncGenerator<string[]> {
    const rest = nids[Symbol.iterator]();
    for (let batch = take(rest, BATCH); batch.length > 0; batch = take(rest, BATCH)) {
      const rows = await this.storage.readHeavy((tx) => tx.events.byNids(batch));
      yield rows.map((row) => row.json);
    }
  }
}

const pduOf = (row: EventRow): Pdu => JSON.parse(row.json) as Pdu;

/** Events of a room that are wanted, each once. */
class WantedEvents {
  readonly room: Room;
  private readonly known = new Set<string>();
  private readonly waiting: string[] = [];

  constructor(room: Room) {
    this.room = room;
  }

  addAuthEvents(pdu: Pdu): void {
    for (const eventId of authEventIds(pdu)) this.add(eventId);
    const create = impliedCreateEventId(this.room.rules, pdu);
    if (create !== undefined) this.add(create);
  }

  /** The next of them to be read. */
  take(): string[] {
    return this.waiting.splice(-BATCH);
  }

  private add(eventId: string): void {
    if (this.known.has(eventId) || !isEventId(eventId)) return;
    this.known.add(eventId);
    this.waiting.push(eventId);
  }
}

/** The next few values of an iterator. */
function take<T>(values: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = values.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
