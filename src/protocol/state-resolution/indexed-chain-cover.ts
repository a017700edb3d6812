import type { AuthChains } from './auth-chains.ts';
import { ChainCover, type ChainPosition, type ChainRange, type Placement, type StoredChain } from './chain-cover.ts';

/** A chain of a cover, as it was stored. */
export interface ListedChain<Id> {
  /** The state entry whose events the chain holds. */
  readonly key: string;
  /** Its events, by sequence. */
  readonly events: readonly Id[];
}

/** A cover as it is stored. */
export interface ListedCover<Id> {
  readonly chains: readonly ListedChain<Id>[];
  /** Four numbers each: chain and sequence that the link comes from, and those that it leads to. */
  readonly links: readonly number[];
}

/** A chain cover that knows which event stands where: answers what resolution asks with ids of events. */
export class IndexedChainCover<Id extends string | number = string> implements AuthChains<Id> {
  readonly cover: ChainCover;
  readonly #positions = new Map<Id, ChainPosition>();
  /** Ids by chain and sequence. */
  readonly #events: Id[][] = [];

  constructor(cover = new ChainCover(), events: Iterable<readonly Id[]> = []) {
    this.cover = cover;
    for (const ofChain of events) {
      for (const [i, id] of ofChain.entries()) {
        this.#positions.set(id, { chain: this.#events.length, sequence: i + 1 });
      }
      this.#events.push([...ofChain]);
    }
  }

  static from<Id extends string | number>({ chains, links }: ListedCover<Id>): IndexedChainCover<Id> {
    const stored: StoredChain[] = chains.map(({ key, events }) => ({ key, length: events.length }));
    const cover = ChainCover.restore(stored, links);
    return new IndexedChainCover<Id>(
      cover,
      chains.map(({ events }) => events),
    );
  }

  /** What {@link from} takes. */
  get listed(): ListedCover<Id> {
    const { keys, links } = this.cover;
    return { chains: keys.map((key, chain) => ({ key, events: this.#events[chain] ?? [] })), links };
  }

  /** A copy that grows by itself. */
  fork(): IndexedChainCover<Id> {
    return new IndexedChainCover(this.cover.fork(), this.#events);
  }

  get size(): number {
    return this.#positions.size;
  }

  has(id: Id): boolean {
    return this.#positions.has(id);
  }

  /** Every event of the state entry `key`. */
  eventsOf(key: string): Id[] {
    return this.cover.keys.flatMap((one, chain) => (one === key ? (this.#events[chain] ?? []) : []));
  }

  /**
   * Places a state event of the entry `key`. Auth events come first, the create event before all others.
   * @throws Error if an auth event has no place.
   */
  add(id: Id, key: string, authEvents: readonly Id[]): Placement {
    const placement = this.cover.place(key, this.#positionsOf(authEvents));
    this.#positions.set(id, placement.position);
    const { chain } = placement.position;
    const events = this.#events[chain];
    if (events) events.push(id);
    else this.#events[chain] = [id];
    return placement;
  }

  authDifference(stateSets: readonly Iterable<Id>[], common: Iterable<Id> = []): Id[] {
    const positions = stateSets.map((stateSet) => this.#positionsOf(stateSet));
    return this.#eventsIn(this.cover.authDifference(positions, this.#positionsOf(common)));
  }

  conflictedStateSubgraph(conflictedStateSet: Iterable<Id>): Id[] {
    return this.#eventsIn(this.cover.conflictedStateSubgraph(this.#positionsOf(conflictedStateSet)));
  }

  #positionsOf(ids: Iterable<Id>): ChainPosition[] {
    return Array.from(ids, (id) => {
      const position = this.#positions.get(id);
      if (!position) throw new Error(`${id} has no place in the chain cover`);
      return position;
    });
  }

  #eventsIn(ranges: readonly ChainRange[]): Id[] {
    return ranges.flatMap(({ chain, after, upTo }) => (this.#events[chain] ?? []).slice(after, upTo));
  }
}
