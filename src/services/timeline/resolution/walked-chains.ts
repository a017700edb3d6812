import { conflictedStateSubgraph } from '../../../protocol/state-resolution/conflicted-state-subgraph.ts';
import { authEventIds } from '../../../protocol/state-resolution/event-lookup.ts';
import { fullAuthChain } from '../../../protocol/state-resolution/full-auth-chain.ts';
import type { Conflict, ConflictChains, NumberedEvent } from './conflict.ts';

/** That auth chains are too long to be followed between two requests. */
export class TooLongChains extends Error {}

/** Follows `auth_events` from event to event: for conflicts of a few events with short auth chains, as most are. */
export class WalkedChains implements ConflictChains {
  /** Of every event whose auth chain was followed: what it names. */
  private readonly named = new Map<string, readonly string[]>();

  /**
   * @param shared the numbers of all events that the states agree on
   * @param most events that are followed
   */
  constructor(
    private readonly conflict: Conflict,
    private readonly shared: () => Iterable<number>,
    private readonly most: number,
  ) {}

  /**
   * What all states have in common reaches nothing that is in the auth difference, so that it matters only where the
   * conflicted events alone do not reach the same.
   * @throws TooLongChains
   */
  async authDifference(stateSets: readonly (readonly NumberedEvent[])[]): Promise<NumberedEvent[]> {
    await this.follow(stateSets.flat());
    const conflicted = new Set(stateSets.flat().map(({ eventId }) => eventId));
    const chains = stateSets.map((events) => fullAuthChain(idsOf(events), this.authEventsOf));
    const candidates = new Set<string>();
    for (const chain of chains) {
      for (const id of chain) if (!chains.every((other) => other.has(id))) candidates.add(id);
    }
    const unsettled = await this.load([...candidates].filter((id) => !conflicted.has(id)));
    if (unsettled.length === 0) return [];
    // Mostly the power levels and join rules of today, or what they replaced: a look at few events tells.
    const left = await this.notReachedFrom(this.nearNids(unsettled), unsettled);
    return left.length === 0 ? left : this.notReachedFrom(this.shared(), left);
  }

  /** @throws TooLongChains */
  async conflictedStateSubgraph(conflicted: readonly NumberedEvent[]): Promise<NumberedEvent[]> {
    await this.follow(conflicted);
    return this.load(conflictedStateSubgraph(new Set(idsOf(conflicted)), this.authEventsOf));
  }

  private readonly authEventsOf = (eventId: string): readonly string[] => this.named.get(eventId) ?? [];

  private async load(eventIds: Iterable<string>): Promise<NumberedEvent[]> {
    return [...(await this.conflict.events.withIds(eventIds)).values()];
  }

  /** Follows `auth_events` from these events as far as they go. */
  private async follow(events: readonly NumberedEvent[]): Promise<void> {
    let next: readonly NumberedEvent[] = events;
    while (next.length > 0) {
      const further = new Set<string>();
      for (const { eventId, pdu } of next) {
        const ids = authEventIds(pdu);
        this.named.set(eventId, ids);
        for (const id of ids) further.add(id);
      }
      if (this.named.size > this.most) throw new TooLongChains();
      next = await this.load([...further].filter((id) => !this.named.has(id)));
    }
  }

  /** Those of `events` that are not in the full auth chain of the events with these numbers. */
  private async notReachedFrom(nids: Iterable<number>, events: readonly NumberedEvent[]): Promise<NumberedEvent[]> {
    const from = [...(await this.conflict.events.withNids(nids)).values()];
    await this.follow(from);
    const reached = fullAuthChain(idsOf(from), this.authEventsOf);
    return events.filter(({ eventId }) => !reached.has(eventId));
  }

  /** What the states have in common under the keys of these events, and of those that allow most others. */
  private nearNids(events: readonly NumberedEvent[]): Set<number> {
    const nids = new Set<number>();
    const take = (type: string, stateKey: string) => {
      const nid = this.conflict.agreedOn(type, stateKey);
      if (nid !== undefined) nids.add(nid);
    };
    take('m.room.power_levels', '');
    take('m.room.join_rules', '');
    for (const { pdu } of events) take(pdu.type, pdu.state_key ?? '');
    return nids;
  }
}

const idsOf = (events: readonly NumberedEvent[]): string[] => events.map(({ eventId }) => eventId);
