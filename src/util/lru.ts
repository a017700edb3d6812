import { LRUCache } from 'lru-cache';

export interface LruOptions<K, V> {
  /** Total of the sizes of what is kept; beyond, what was used least recently goes. */
  readonly max: number;
  /** Size of a value, a whole number above 0; 1 unless told otherwise. */
  readonly sizeOf?: (value: V) => number;
  /** Told of each value that goes, and why. */
  readonly dispose?: LRUCache.Disposer<K, V>;
}

/**
 * A bounded cache whose memory grows with what is in it. With the `max` of lru-cache each takes the memory for that
 * many entries when it is made: 18 MiB for all caches of a homeserver that nobody uses.
 */
export class Lru<K extends {}, V extends {}> extends LRUCache<K, V> {
  constructor({ max, sizeOf = () => 1, dispose }: LruOptions<K, V>) {
    super({ maxSize: max, sizeCalculation: sizeOf, ...(dispose ? { dispose } : {}) });
  }
}
