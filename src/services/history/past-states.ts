import type { Storage } from '../../storage/contract/storage.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { LayerCache } from '../timeline/layer-cache.ts';
import type { Room } from '../timeline/room.ts';
import { entriesOf, lookUp } from '../timeline/state-layers.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** The state of rooms as it was, from the layers that events point to. Layers never change. */
export class PastStates {
  private readonly storage: Storage;
  private readonly events: EventCache;
  private readonly layers: LayerCache;

  constructor(storage: Storage, events: EventCache, layers: LayerCache) {
    this.storage = storage;
    this.events = events;
    this.layers = layers;
  }

  /** All events of the state that a layer holds. */
  async whole(room: Room, layer: number): Promise<StoredEvent[]> {
    const events = await this.events.byNids(await this.nids(layer), room, true);
    return [...events.values()];
  }

  /** The numbers of these events. */
  async nids(layer: number): Promise<number[]> {
    return [...entriesOf(await this.layers.stack(layer)).values()];
  }

  /** Those events of it whose state keys have these numbers. */
  async some(room: Room, layer: number, keyNids: readonly number[]): Promise<StoredEvent[]> {
    const stack = await this.layers.stack(layer);
    const nids = keyNids.map((key) => lookUp(stack, key)).filter((nid) => nid !== undefined);
    return [...(await this.events.byNids(nids, room)).values()];
  }

  /** One event of it. */
  async one(room: Room, layer: number, type: string, stateKey: string): Promise<StoredEvent | undefined> {
    // State keys are numbered once for all of a room's past.
    const keyNid = room.keyNid(type, stateKey);
    const nid = keyNid === undefined ? undefined : lookUp(await this.layers.stack(layer), keyNid);
    return nid === undefined ? undefined : (await this.events.byNids([nid], room)).get(nid);
  }

  /** The last event at or before a stream position. */
  async eventAtOrBefore(room: Room, position: number): Promise<StoredEvent | undefined> {
    const row = await this.storage.read((tx) => tx.events.atOrBefore(room.nid, position));
    return row && this.events.ofRow(row, room.id);
  }
}
