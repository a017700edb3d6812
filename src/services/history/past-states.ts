import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import { stateOfLayers } from '../timeline/state-layers.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** The state of rooms as it was, from the layers that events point to. Layers never change. */
export class PastStates {
  private readonly storage: Storage;
  private readonly events: EventCache;
  private readonly layers: Lru<number, ReadonlyMap<number, number>>;

  /** @param limits how many entries of state are kept in memory */
  constructor(storage: Storage, events: EventCache, limits: { entries: number }) {
    this.storage = storage;
    this.events = events;
    this.layers = new Lru({ max: limits.entries, sizeOf: (entries) => entries.size + 1 });
  }

  /** All events of the state that a layer holds. */
  async whole(room: Room, layer: number): Promise<StoredEvent[]> {
    const entries = await this.entries(layer);
    const events = await this.events.byNids([...entries.values()], room, true);
    return [...events.values()];
  }

  /** The numbers of these events. */
  async nids(layer: number): Promise<number[]> {
    return [...(await this.entries(layer)).values()];
  }

  /** Those events of it whose state keys have these numbers. */
  async some(room: Room, layer: number, keyNids: readonly number[]): Promise<StoredEvent[]> {
    const entries = await this.entries(layer);
    const nids = keyNids.map((key) => entries.get(key)).filter((nid) => nid !== undefined);
    return [...(await this.events.byNids(nids, room)).values()];
  }

  /** One event of it. */
  async one(room: Room, layer: number, type: string, stateKey: string): Promise<StoredEvent | undefined> {
    // State keys are numbered once for all of a room's past.
    const keyNid = room.keyNid(type, stateKey);
    const nid = keyNid === undefined ? undefined : (await this.entries(layer)).get(keyNid);
    return nid === undefined ? undefined : (await this.events.byNids([nid], room)).get(nid);
  }

  /** The last event at or before a stream position. */
  async eventAtOrBefore(room: Room, position: number): Promise<StoredEvent | undefined> {
    const row = await this.storage.read((tx) => tx.events.atOrBefore(room.nid, position));
    return row && this.events.ofRow(row, room.id);
  }

  private async entries(layer: number): Promise<ReadonlyMap<number, number>> {
    const known = this.layers.get(layer);
    if (known) return known;
    const chain = await this.storage.readHeavy((tx) => tx.rooms.layers(layer));
    const entries = stateOfLayers(chain);
    this.layers.set(layer, entries);
    return entries;
  }
}
