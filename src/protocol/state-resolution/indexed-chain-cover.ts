import type { AuthChains } from './auth-chains.ts';
import { ChainCover, type ChainPosition, type ChainRange, type Placement } from './chain-cover.ts';

/** A chain cover that knows which event stands where: answers what resolution asks with event ids. */
export class IndexedChainCover implements AuthChains {
  readonly cover = new ChainCover();
  readonly #positions = new Map<string, ChainPosition>();
  /** Event ids by chain and sequence. */
  readonly #eventIds: string[][] = [];

  /**
   * Places a state event of the entry `key`. Auth events come first, the create event before all others.
   * @throws Error if an auth event has no place.
   */
  add(eventId: string, key: string, authEventIds: readonly string[]): Placement {
    const placement = this.cover.place(key, this.#positionsOf(authEventIds));
    this.#positions.set(eventId, placement.position);
    const { chain } = placement.position;
    const eventIds = this.#eventIds[chain];
    if (eventIds) eventIds.push(eventId);
    else this.#eventIds[chain] = [eventId];
    return placement;
  }

  authDifference(stateSets: readonly Iterable<string>[]): string[] {
    return this.#eventIdsIn(this.cover.authDifference(stateSets.map((stateSet) => this.#positionsOf(stateSet))));
  }

  conflictedStateSubgraph(conflictedStateSet: ReadonlySet<string>): string[] {
    return this.#eventIdsIn(this.cover.conflictedStateSubgraph(this.#positionsOf(conflictedStateSet)));
  }

  #positionsOf(eventIds: Iterable<string>): ChainPosition[] {
    return Array.from(eventIds, (eventId) => {
      const position = this.#positions.get(eventId);
      if (!position) throw new Error(`${eventId} has no place in the chain cover`);
      return position;
    });
  }

  #eventIdsIn(ranges: readonly ChainRange[]): string[] {
    return ranges.flatMap(({ chain, after, upTo }) => (this.#eventIds[chain] ?? []).slice(after, upTo));
  }
}
