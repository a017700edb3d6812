/**
 * Auth chains in compact form. The events of a room are laid out in chains, in each of which every event has the one
 * before it in its auth chain. What an event reaches is then one number for each chain: the last event of it that is in
 * the auth chain. Unions, differences and paths become ranges of sequence numbers, whatever the length of auth chains.
 */

/** Where an event stands. Chains count from 0, sequences within a chain from 1. */
export interface ChainPosition {
  readonly chain: number;
  readonly sequence: number;
}

/** An edge along `auth_events` from one chain to another. */
export interface ChainLink {
  readonly from: ChainPosition;
  readonly to: ChainPosition;
}

/** The events of `chain` with `after` < sequence ≤ `upTo`. */
export interface ChainRange {
  readonly chain: number;
  readonly after: number;
  readonly upTo: number;
}

/** What placing an event adds: this is to be stored. */
export interface Placement {
  readonly position: ChainPosition;
  readonly links: readonly ChainLink[];
}

/** One chain as it was stored. */
export interface StoredChain {
  /** The state entry whose events the chain holds. */
  readonly key: string;
  readonly length: number;
}

/** How many of a chain's newest links are looked through for one that makes another needless. */
const LINKS_LOOKED_THROUGH = 8;
const NOWHERE = 0x7fffffff;

/** The chains of one room and the links between them. */
export class ChainCover {
  readonly #keys: string[] = [];
  readonly #lengths: number[] = [];
  /** Four numbers a link, in the order in which events were placed: auth events before those that name them. */
  readonly #links: number[] = [];
  /** For each chain, where its links are in `#links`. */
  readonly #linksOf: number[][] = [];

  /** As it was stored: chains by number, links in the order in which they were added. */
  constructor(chains: Iterable<StoredChain> = [], links: Iterable<ChainLink> = []) {
    for (const { key, length } of chains) this.#addChain(key, length);
    for (const link of links) this.#addLink(link);
  }

  /** A copy that grows by itself. */
  fork(): ChainCover {
    const copy = new ChainCover();
    for (const key of this.#keys) copy.#keys.push(key);
    for (const length of this.#lengths) copy.#lengths.push(length);
    for (const number of this.#links) copy.#links.push(number);
    for (const links of this.#linksOf) copy.#linksOf.push([...links]);
    return copy;
  }

  /** As it was stored, with four numbers a link: what {@link links} gives. */
  static restore(chains: Iterable<StoredChain>, links: readonly number[]): ChainCover {
    const cover = new ChainCover(chains);
    for (let at = 0; at + 3 < links.length; at += 4) {
      cover.#linksOf[links[at] as number]?.push(at);
      for (let i = 0; i < 4; i++) cover.#links.push(links[at + i] as number);
    }
    return cover;
  }

  /** The state entry of each chain. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  /** Chain and sequence that a link comes from, and those that it leads to, in the order in which links were added. */
  get links(): readonly number[] {
    return this.#links;
  }

  get chainCount(): number {
    return this.#lengths.length;
  }

  get linkCount(): number {
    return this.#links.length / 4;
  }

  /**
   * Finds the place of a new event. It continues the chain of an auth event of the same state entry, `key`, if that one
   * is the last of its chain, and begins a chain otherwise; so a chain is the history of one entry.
   */
  place(key: string, authEvents: readonly ChainPosition[]): Placement {
    const before = authEvents.find(
      ({ chain, sequence }) => this.#keys[chain] === key && this.#lengths[chain] === sequence,
    );
    const chain = before ? before.chain : this.#addChain(key, 0);
    const position = { chain, sequence: (before?.sequence ?? 0) + 1 };
    this.#lengths[chain] = position.sequence;
    const links = authEvents
      .filter((to) => to.chain !== chain && !authEvents.some((other) => this.#makesNeedless(other, to)))
      .map((to) => ({ from: position, to }));
    for (const link of links) this.#addLink(link);
    return { position, links };
  }

  /** For each chain, the last sequence that these events or their auth chains reach; 0 for none. */
  reach(events: Iterable<ChainPosition>): Int32Array {
    const reached = new Int32Array(this.chainCount);
    for (const { chain, sequence } of events) if (sequence > (reached[chain] ?? 0)) reached[chain] = sequence;
    const links = this.#links;
    // From the newest event to the oldest, so that a link is looked at when all that leads to it has been.
    for (let at = links.length - 4; at >= 0; at -= 4) {
      if ((reached[links[at] as number] as number) < (links[at + 1] as number)) continue;
      const [to, sequence] = [links[at + 2] as number, links[at + 3] as number];
      if ((reached[to] as number) < sequence) reached[to] = sequence;
    }
    return reached;
  }

  /**
   * The auth difference of states, each given as the positions of its events.
   * @param common what all of the states have besides
   */
  authDifference(stateSets: readonly Iterable<ChainPosition>[], common: Iterable<ChainPosition> = []): ChainRange[] {
    const reached = stateSets.map((stateSet) => this.reach(stateSet));
    const byAll = this.reach(common);
    const ranges: ChainRange[] = [];
    for (let chain = 0; chain < this.chainCount; chain++) {
      let after = NOWHERE;
      let upTo = 0;
      for (const chains of reached) {
        const sequence = chains[chain] as number;
        if (sequence < after) after = sequence;
        if (sequence > upTo) upTo = sequence;
      }
      after = Math.max(after, byAll[chain] as number);
      if (after < upTo) ranges.push({ chain, after, upTo });
    }
    return ranges;
  }

  /** The conflicted state subgraph: what is reached from one of the events and reaches one of them. */
  conflictedStateSubgraph(conflictedStateSet: readonly ChainPosition[]): ChainRange[] {
    const reached = this.reach(conflictedStateSet);
    const reaching = this.#reaching(conflictedStateSet);
    const ranges: ChainRange[] = [];
    for (let chain = 0; chain < this.chainCount; chain++) {
      const [first, upTo] = [reaching[chain] as number, reached[chain] as number];
      if (first <= upTo) ranges.push({ chain, after: first - 1, upTo });
    }
    return ranges;
  }

  /** For each chain, the first sequence from which one of the events can be reached. */
  #reaching(events: Iterable<ChainPosition>): Int32Array {
    const reaching = new Int32Array(this.chainCount).fill(NOWHERE);
    for (const { chain, sequence } of events) {
      if (sequence < (reaching[chain] as number)) reaching[chain] = sequence;
    }
    const links = this.#links;
    for (let at = 0; at < links.length; at += 4) {
      if ((reaching[links[at + 2] as number] as number) > (links[at + 3] as number)) continue;
      const [from, sequence] = [links[at] as number, links[at + 1] as number];
      if (sequence < (reaching[from] as number)) reaching[from] = sequence;
    }
    return reaching;
  }

  #addChain(key: string, length: number): number {
    this.#keys.push(key);
    this.#linksOf.push([]);
    return this.#lengths.push(length) - 1;
  }

  #addLink({ from, to }: ChainLink): void {
    this.#linksOf[from.chain]?.push(this.#links.length);
    this.#links.push(from.chain, from.sequence, to.chain, to.sequence);
  }

  /** Whether an event that names both `other` and `to` reaches `to` by way of `other`, as far as a quick look tells. */
  #makesNeedless(other: ChainPosition, to: ChainPosition): boolean {
    if (other.chain === to.chain) return other.sequence > to.sequence;
    const own = this.#linksOf[other.chain] ?? [];
    const links = this.#links;
    for (let i = own.length - 1; i >= 0 && i >= own.length - LINKS_LOOKED_THROUGH; i--) {
      const at = own[i] as number;
      if ((links[at + 1] as number) > other.sequence || links[at + 2] !== to.chain) continue;
      if ((links[at + 3] as number) >= to.sequence) return true;
    }
    return false;
  }
}
