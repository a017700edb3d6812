import type { StateLayerRow } from '../../storage/contract/rooms.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import { unpackEntries, type WholeLayer } from './state-layers.ts';

/** A state: its layers, base first; none for a room without any state. */
export type LayerStack = readonly WholeLayer[];

/** Layers of state in memory. They never change, so that those on their way to the database may be here too. */
export class LayerCache {
  private readonly layers: Lru<number, WholeLayer>;
  private readonly storage: Storage;

  /** @param limits how many entries of state are kept in memory */
  constructor(storage: Storage, limits: { entries: number }) {
    this.storage = storage;
    this.layers = new Lru({ max: limits.entries, sizeOf: (layer) => layer.size + 1 });
  }

  put(layer: WholeLayer): void {
    this.layers.set(layer.nid, layer);
  }

  /** The state whose topmost layer this is. */
  async stack(layerNid: number): Promise<LayerStack> {
    const known = this.peek(layerNid);
    if (known) return known;
    const chain = await this.storage.readHeavy((tx) => tx.rooms.layers(layerNid));
    if (chain.length === 0) throw new Error(`there is no layer ${layerNid} of state`);
    return chain.reverse().map((row) => this.ofRow(row));
  }

  private peek(layerNid: number): LayerStack | undefined {
    const stack: WholeLayer[] = [];
    for (let nid: number | undefined = layerNid; nid !== undefined; ) {
      const layer = this.layers.get(nid);
      if (!layer) return undefined;
      stack.push(layer);
      nid = layer.parent;
    }
    return stack.reverse();
  }

  private ofRow(row: StateLayerRow): WholeLayer {
    const known = this.layers.get(row.layer_nid);
    if (known) return known;
    const entries = new Map<number, number>();
    unpackEntries(row.diff, entries);
    const layer = { nid: row.layer_nid, parent: row.parent ?? undefined, depth: row.depth, size: row.size, entries };
    this.put(layer);
    return layer;
  }
}
