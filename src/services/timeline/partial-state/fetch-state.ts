import { RemoteError } from '../../../federation/signed-client/remote-error.ts';
import { authEventIds } from '../../../protocol/state-resolution/event-lookup.ts';
import { WriteSet } from '../../../storage/contract/write-set.ts';
import { commitDecision, settle } from '../commit-decision.ts';
import { inRoom } from '../in-room.ts';
import { type OutlierDependencies, storeOutliers } from '../outliers.ts';
import { inOrder } from '../receive-pdu/in-order.ts';
import type { RemoteRooms, Waiting } from '../receive-pdu/remote-room.ts';
import type { Room } from '../room.ts';
import type { RoomQueue } from '../room-queue.ts';
import type { SignedEvent } from '../stored-event.ts';
import { writeToldState } from '../told-state.ts';

export interface FetchStateDependencies extends OutlierDependencies {
  readonly queue: RoomQueue;
  readonly remote: RemoteRooms;
  readonly limits: {
    /** Missing events up to which they are asked for one by one. */
    readonly singleEvents: number;
    /** Milliseconds for an answer with all of the state. */
    readonly stateTimeout: number;
  };
}

/** What a server has told, and what of that is no valid event. */
interface Received {
  readonly events: readonly SignedEvent[];
  readonly invalid: ReadonlySet<string>;
}

/** Events stored in one turn of the room: then others may write to it. */
const BATCH = 200;

/**
 * Fetches the state that was left out when a room was joined, in full. What is invalid of it is left out. Nobody's turn
 * is held while a server is asked.
 */
export class StateFetch {
  private readonly d: FetchStateDependencies;
  private readonly waiting: Waiting;

  /** @param signal ends the waiting for answers */
  constructor(dependencies: FetchStateDependencies, signal: AbortSignal) {
    this.d = dependencies;
    this.waiting = { timeoutMs: dependencies.limits.stateTimeout, signal };
  }

  /** The state before an event, as a server tells it: its topmost layer. @throws OutgoingError, RemoteError */
  async before(server: string, room: Room, eventId: string): Promise<number> {
    const { state, told } = await this.receive(server, room, eventId);
    return this.layerOf(server, room, state, told);
  }

  /** The state after an event that is not here. @throws OutgoingError, RemoteError */
  async after(server: string, room: Room, eventId: string): Promise<number> {
    const event = await this.d.remote.event(server, room, eventId, this.waiting);
    if (!event) throw partly(server);
    const { state, told } = await this.receive(server, room, eventId);
    await this.store(room, [event]);
    const isState = event.pdu.state_key !== undefined;
    return this.layerOf(server, room, isState ? [...state, eventId] : state, told);
  }

  private async receive(server: string, room: Room, eventId: string) {
    const ids = await this.d.remote.stateIds(server, room, eventId, this.waiting);
    const wanted = new Set([...ids.authChain, ...ids.state]);
    const known = await this.d.events.byIds(wanted, room);
    const missing = [...wanted].filter((id) => !known.has(id));
    const { events, invalid } = await this.receiveEvents(server, room, eventId, missing);
    await this.store(room, events);
    return { state: ids.state, told: new Set([...invalid, ...events.map((event) => event.eventId)]) };
  }

  private async receiveEvents(
    server: string,
    room: Room,
    eventId: string,
    missing: readonly string[],
  ): Promise<Received> {
    const { remote, limits } = this.d;
    if (missing.length > limits.singleEvents) return remote.wholeState(server, room, eventId, this.waiting);
    const events = await Promise.all(missing.map((id) => remote.event(server, room, id, this.waiting)));
    return {
      events: events.filter((event) => event !== undefined),
      invalid: new Set(missing.filter((_, i) => !events[i])),
    };
  }

  private async store(room: Room, events: readonly SignedEvent[]): Promise<void> {
    const ordered = await inOrder(events, authEventIds);
    for (let i = 0; i < ordered.length; i += BATCH) {
      const batch = ordered.slice(i, i + BATCH);
      await inRoom(this.d, room.id, (turn, now) => storeOutliers(this.d, turn, now, batch));
    }
  }

  /** @param told ids of events that the server has told, valid or not */
  private layerOf(server: string, { id }: Room, ids: readonly string[], told: ReadonlySet<string>): Promise<number> {
    return inRoom(this.d, id, async (_turn, room) => {
      await settle(room);
      const found = await this.d.events.byIds(new Set(ids), room);
      const create = room.decidedState.get('m.room.create', '');
      const isWhole = ids.every((one) => found.has(one) || told.has(one));
      if (!isWhole || !create || !found.has(create.eventId)) throw partly(server);
      const set = new WriteSet();
      const state = ids.flatMap((one) => found.get(one) ?? []);
      room.decided.begin();
      const layer = await writeToldState(this.d, set, room, state);
      room.decided.keep();
      if (set.mutations.length > 0) await commitDecision(this.d, room, set);
      return layer!;
    });
  }
}

function partly(server: string): RemoteError {
  return new RemoteError(server, 200, { text: 'told only a part of the state' });
}
