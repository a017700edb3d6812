import { Lru } from './lru.ts';

export interface LoadingCacheOptions<K, V> {
  load(key: K): Promise<V>;
  /** Total of the sizes of what is kept; beyond, what was used least recently goes. */
  readonly max: number;
  /** Size of a value; 1 unless told otherwise. */
  sizeOf?(value: V): number;
}

/**
 * A bounded cache of what a database knows, kept true by its owner: {@link update} is called for every change, after
 * it is durable. A change that comes while its key is being loaded is applied to what was loaded, which may hold it
 * already: changes must be idempotent.
 */
export class LoadingCache<K extends {}, V extends {}> {
  private readonly known: Lru<K, V>;
  private readonly loading = new Map<K, { promise: Promise<V>; changes: ((value: V) => V)[] }>();
  private readonly options: LoadingCacheOptions<K, V>;

  constructor(options: LoadingCacheOptions<K, V>) {
    this.options = options;
    this.known = new Lru<K, V>(options);
  }

  /** The value if it is in memory. */
  peek(key: K): V | undefined {
    return this.known.get(key);
  }

  async get(key: K): Promise<V> {
    return this.known.get(key) ?? this.loading.get(key)?.promise ?? this.load(key);
  }

  /** Tells of a change; keys that are neither known nor being loaded are left alone. */
  update(key: K, change: (value: V) => V): void {
    const value = this.known.get(key);
    if (value !== undefined) this.known.set(key, change(value));
    else this.loading.get(key)?.changes.push(change);
  }

  private load(key: K): Promise<V> {
    const changes: ((value: V) => V)[] = [];
    const promise = this.options.load(key).then(
      (loaded) => {
        const value = changes.reduce((before, change) => change(before), loaded);
        this.loading.delete(key);
        this.known.set(key, value);
        return value;
      },
      (error: unknown) => {
        this.loading.delete(key);
        throw error;
      },
    );
    this.loading.set(key, { promise, changes });
    return promise;
  }
}
