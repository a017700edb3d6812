import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventRow } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import { StoredEvent } from './stored-event.ts';

/** Events that one query asks for: what comes at once takes a few milliseconds to take in. */
const MAX_IDS = 500;

/** Events that are looked for in memory in a row: then others have their turn. */
const WITHOUT_PAUSE = 4_000;

/** Events in memory, by their short number and by their id, so that each is read, parsed and serialised once. */
export class EventCache {
  private readonly byNid: Lru<number, StoredEvent>;
  private readonly nids = new Map<string, number>();
  private readonly storage: Storage;

  constructor(storage: Storage, limits: { bytes: number }) {
    this.storage = storage;
    this.byNid = new Lru({
      max: limits.bytes,
      sizeOf: (event) => event.weight,
      dispose: (event, _nid, reason) => {
        if (reason !== 'set') this.nids.delete(event.eventId);
      },
    });
  }

  put(event: StoredEvent): void {
    this.byNid.set(event.nid, event);
    this.nids.set(event.eventId, event.nid);
  }

  /** Of an event that is deleted. */
  remove(event: StoredEvent): void {
    this.byNid.delete(event.nid);
  }

  /** The event of a row: the one in memory if it is there. */
  ofRow(row: EventRow, roomId: string): StoredEvent {
    const known = this.byNid.get(row.event_nid);
    if (known) return known;
    const event = StoredEvent.fromRow(row, roomId);
    this.put(event);
    return event;
  }

  peekById(eventId: string): StoredEvent | undefined {
    const nid = this.nids.get(eventId);
    return nid === undefined ? undefined : this.byNid.get(nid);
  }

  peek(nid: number): StoredEvent | undefined {
    return this.byNid.get(nid);
  }

  /** The event with this id if it is in the given room (whose timeline, pages or outliers it may be of). */
  async byId(eventId: string, room: { nid: number; id: string }): Promise<StoredEvent | undefined> {
    const nid = this.nids.get(eventId);
    const known = nid === undefined ? undefined : this.byNid.get(nid);
    if (known) return known.roomNid === room.nid ? known : undefined;
    const row = await this.storage.read((tx) => tx.events.byId(eventId));
    return row && row.room_nid === room.nid ? this.ofRow(row, room.id) : undefined;
  }

  /** Those of the events with these ids that are known and of the room; what is in memory is not read again. */
  async byIds(eventIds: Iterable<string>, room: { nid: number; id: string }): Promise<Map<string, StoredEvent>> {
    const out = new Map<string, StoredEvent>();
    const missing: string[] = [];
    let looked = 0;
    for (const eventId of eventIds) {
      looked += 1;
      if (looked % WITHOUT_PAUSE === 0) await nextTurn();
      const known = this.peekById(eventId);
      if (!known) missing.push(eventId);
      else if (known.roomNid === room.nid) out.set(eventId, known);
    }
    for (let at = 0; at < missing.length; at += MAX_IDS) {
      const ids = missing.slice(at, at + MAX_IDS);
      const read = ids.length > 100 ? this.storage.readHeavy : this.storage.read;
      const rows = await read.call(this.storage, (tx) => tx.events.byIds(ids));
      for (const row of rows as EventRow[]) {
        if (row.room_nid === room.nid) out.set(row.event_id, this.ofRow(row, room.id));
      }
    }
    return out;
  }

  /** Those of the ids that events of other rooms have: where servers choose ids, they may choose one twice. */
  async takenElsewhere(eventIds: readonly string[], room: { nid: number }): Promise<Set<string>> {
    const taken = new Set<string>();
    for (let at = 0; at < eventIds.length; at += MAX_IDS) {
      const ids = eventIds.slice(at, at + MAX_IDS);
      const rows = await this.storage.read((tx) => tx.events.byIds(ids));
      for (const row of rows) if (row.room_nid !== room.nid) taken.add(row.event_id);
    }
    return taken;
  }

  /** The events with these numbers, all of one room; what is in memory is not read again. */
  async byNids(nids: readonly number[], room: { id: string }, heavy = false): Promise<Map<number, StoredEvent>> {
    const out = new Map<number, StoredEvent>();
    const missing: number[] = [];
    for (const [i, nid] of nids.entries()) {
      if (i % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await nextTurn();
      const known = this.byNid.get(nid);
      if (known) out.set(nid, known);
      else missing.push(nid);
    }
    if (missing.length > 0) {
      const read = heavy || missing.length > 100 ? this.storage.readHeavy : this.storage.read;
      for (let at = 0; at < missing.length; at += MAX_IDS) {
        const some = missing.slice(at, at + MAX_IDS);
        const rows = await read.call(this.storage, (tx) => tx.events.byNids(some));
        for (const row of rows as EventRow[]) out.set(row.event_nid, this.ofRow(row, room.id));
      }
    }
    return out;
  }
}
