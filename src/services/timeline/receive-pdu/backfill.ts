import { prevEventIds } from '../../../protocol/events/prev-event-ids.ts';
import { authEventIds } from '../../../protocol/state-resolution/event-lookup.ts';
import { WriteSet } from '../../../storage/contract/write-set.ts';
import { BranchDecision } from '../branch-decision.ts';
import { commitDecision, settle } from '../commit-decision.ts';
import type { DecideDependencies } from '../event-decision.ts';
import type { FullStates } from '../partial-state/full-states.ts';
import type { Room } from '../room.ts';
import { RoomEvents } from '../room-events.ts';
import type { RoomQueue, RoomTurn } from '../room-queue.ts';
import type { SignedEvent } from '../stored-event.ts';
import type { MissingEvents } from './fetch-missing.ts';
import { inOrder } from './in-order.ts';
import { isRemoteFailure, type RemoteRooms } from './remote-room.ts';

export interface BackfillLimits {
  /** Events asked for at once. */
  readonly events: number;
  /** Servers asked, one after the other, until one has some. */
  readonly servers: number;
  /** Places of one answer for which the state of the room is asked for. */
  readonly states: number;
}

export interface BackfillDependencies extends DecideDependencies {
  readonly queue: RoomQueue;
  readonly remote: RemoteRooms;
  readonly missing: MissingEvents;
  readonly fullStates: FullStates;
  /** The name of this server. */
  readonly serverName: string;
  readonly limits: BackfillLimits;
}

/**
 * Asks other servers for the history of rooms that is missing here. What comes is put before the events of its chunk, in
 * the order of the history, so that the pages of the room go on there.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#backfilling-and-retrieving-missing-events
 */
export class Backfill {
  private readonly d: BackfillDependencies;
  private readonly running = new Map<string, Promise<boolean>>();

  constructor(dependencies: BackfillDependencies) {
    this.d = dependencies;
  }

  /** Adds events before those of a chunk, once the state of the room is whole. @throws M_UNKNOWN 504. Answers whether any came; whoever else asks for the same waits for this. */
  extend(room: Room, chunk: number): Promise<boolean> {
    const name = `${room.nid} ${chunk}`;
    const running = this.running.get(name) ?? this.extendNow(room, chunk).finally(() => this.running.delete(name));
    this.running.set(name, running);
    return running;
  }

  private async extendNow({ id }: Room, chunk: number): Promise<boolean> {
    await this.d.fullStates.of(id);
    const room = await this.d.rooms.get(id);
    if (!room) return false;
    const from = [...room.gaps].filter(([, of]) => of === chunk).map(([eventId]) => eventId);
    if (from.length === 0) return false;
    for (const server of this.serversOf(room)) {
      const events = await this.ask(server, room, from);
      const states = await this.statesOf(server, room, events);
      if (events.length > 0 && (await this.insert(room, chunk, events, states))) return true;
    }
    return false;
  }

  /** Those with most members first: they know the room best. */
  private serversOf(room: Room): string[] {
    const others = [...room.joinedServers].filter(([server]) => server !== this.d.serverName);
    return others
      .sort(([, a], [, b]) => b - a)
      .slice(0, this.d.limits.servers)
      .map(([server]) => server);
  }

  /** Events that lead back from those that are missing, oldest first; what has nothing to do with these is left out. */
  private async ask(server: string, room: Room, from: readonly string[]): Promise<SignedEvent[]> {
    let events: SignedEvent[];
    try {
      events = await this.d.remote.backfill(server, room, from.slice(0, this.d.limits.events), this.d.limits.events);
    } catch (error) {
      if (isRemoteFailure(error)) return [];
      throw error;
    }
    const known = await this.d.events.byIds(
      events.map(({ eventId }) => eventId),
      room,
    );
    // What is here already belongs to an older chunk: there this one ends.
    const fresh = events.filter(({ eventId }) => known.get(eventId)?.stateLayer === undefined);
    const answered = new Map(fresh.map((event) => [event.eventId, event]));
    const leading = new Set(from.filter((id) => answered.has(id)));
    for (const id of leading) {
      for (const before of prevEventIds(answered.get(id)!.pdu)) if (answered.has(before)) leading.add(before);
    }
    return inOrder(
      fresh.filter(({ eventId }) => leading.has(eventId)),
      prevEventIds,
    );
  }

  /** The states before the events with which the answer begins, whose own predecessors are not here. */
  private async statesOf(server: string, room: Room, events: readonly SignedEvent[]): Promise<Map<string, number>> {
    const states = new Map<string, number>();
    const answered = new Set(events.map(({ eventId }) => eventId));
    const named = events.flatMap(({ pdu }) => prevEventIds(pdu)).filter((id) => !answered.has(id));
    const known = await this.d.events.byIds(new Set(named), room);
    for (const event of events) {
      const isFirst = prevEventIds(event.pdu).some((id) => !answered.has(id) && !known.get(id)?.stateLayer);
      if (!isFirst) continue;
      if (states.size >= this.d.limits.states) break;
      const layer = await this.d.missing.stateBefore(server, room, event.eventId);
      if (layer !== undefined) states.set(event.eventId, layer);
    }
    await this.fetchAuthEvents(server, room, events);
    return states;
  }

  private async fetchAuthEvents(server: string, room: Room, events: readonly SignedEvent[]): Promise<void> {
    const answered = new Set(events.map(({ eventId }) => eventId));
    const named = new Set(events.flatMap(({ pdu }) => authEventIds(pdu)).filter((id) => !answered.has(id)));
    const known = await this.d.events.byIds(named, room);
    const lacking = events.filter(({ pdu }) => authEventIds(pdu).some((id) => !answered.has(id) && !known.has(id)));
    for (const event of lacking.slice(0, this.d.limits.states)) {
      const missing = authEventIds(event.pdu).filter((id) => !answered.has(id) && !known.has(id));
      await this.d.missing.authEvents(server, room, event, missing);
    }
  }

  /** Decides on all of them as one write set; answers whether any found its place. */
  private insert(
    room: Room,
    chunk: number,
    events: readonly SignedEvent[],
    states: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    return this.d.queue.run(room.id, async (turn) => {
      await settle(room);
      this.d.rooms.pin(room);
      try {
        return await this.decideAll(turn, room, chunk, events, states);
      } finally {
        this.d.rooms.unpin(room);
      }
    });
  }

  private async decideAll(
    turn: RoomTurn,
    room: Room,
    chunk: number,
    events: readonly SignedEvent[],
    states: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    if (turn.roomId !== room.id) throw new Error(`the turn is that of ${turn.roomId}, not of ${room.id}`);
    const at = { set: new WriteSet(), room, events: new RoomEvents(this.d.events, room) };
    const first = await this.d.storage.read((tx) => tx.events.firstIndex(room.nid, chunk));
    const oldest = (first ?? 0) - events.length;
    const { decided } = room;
    decided.begin();
    try {
      let count = 0;
      for (const [i, event] of events.entries()) {
        const page = { chunk, index: oldest + i };
        const options = { page, stateBefore: states.get(event.eventId) };
        const { outcome } = await new BranchDecision(this.d, at, event, options).decide();
        if (outcome === 'accepted') count += 1;
      }
      decided.keep();
      if (at.set.mutations.length > 0) await commitDecision(this.d, room, at.set);
      return count > 0;
    } catch (error) {
      decided.takeBack();
      throw error;
    }
  }
}
