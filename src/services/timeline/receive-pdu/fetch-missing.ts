import { onlyPrevEventId, prevEventIds } from '../../../protocol/events/prev-event-ids.ts';
import { WriteSet } from '../../../storage/contract/write-set.ts';
import { commitDecision, settle } from '../commit-decision.ts';
import type { EventCache } from '../event-cache.ts';
import { inRoom } from '../in-room.ts';
import { type OutlierDependencies, storeOutliers } from '../outliers.ts';
import type { Room } from '../room.ts';
import type { RoomQueue } from '../room-queue.ts';
import type { SignedEvent } from '../stored-event.ts';
import { writeToldState } from '../told-state.ts';
import { inOrder } from './in-order.ts';
import { isRemoteFailure, type RemoteRooms } from './remote-room.ts';

export interface FetchLimits {
  /** Events fetched one by one, before the whole state is asked for instead. */
  readonly singleEvents: number;
  /** Missing events of one event that the state is asked for. */
  readonly statesPerEvent: number;
}

export interface FetchDependencies extends OutlierDependencies {
  readonly events: EventCache;
  readonly queue: RoomQueue;
  readonly remote: RemoteRooms;
  readonly limits: FetchLimits;
}

/** Before every page. */
const BEGINNING = Number.MIN_SAFE_INTEGER;

/** Fetches what an event names and this server does not have. Nobody's turn is held meanwhile. */
export class MissingEvents {
  private readonly d: FetchDependencies;

  constructor(dependencies: FetchDependencies) {
    this.d = dependencies;
  }

  /** Events before `event` that are not here, oldest first; none if the server does not tell. */
  async before(server: string, room: Room, event: SignedEvent): Promise<SignedEvent[]> {
    const minDepth = await this.beginning(room);
    const earliest = room.decided.extremities.map(({ eventId }) => eventId).slice(-20);
    const latest = [event.eventId];
    const found = await this.tried(() => this.d.remote.missingEvents(server, room, { earliest, latest, minDepth }));
    // Not every server minds the depth, and going back from a fork leads to what was before this server's beginning.
    const wanted = (found ?? []).filter(({ eventId, pdu }) => eventId !== event.eventId && pdu.depth >= minDepth);
    return inOrder(wanted, prevEventIds);
  }

  /** The depth of the oldest event of the pages: of what was before nothing is taken into the present. */
  private async beginning(room: Room): Promise<number> {
    return this.d.storage.read(async (tx) => {
      const oldest = await tx.events.pageForwards(room.nid, { chunk: -1, index: 0 }, 1);
      return (await tx.events.byNids(oldest))[0]?.depth ?? 0;
    });
  }

  /** Stores auth events that an event names, with all that they name. */
  async authEvents(server: string, room: Room, event: SignedEvent, missing: readonly string[]): Promise<void> {
    const chain = (await this.tried(() => this.d.remote.authChain(server, room, event.eventId))) ?? [];
    const found = new Map(chain.map((one) => [one.eventId, one]));
    for (const eventId of missing) {
      const one = found.has(eventId) ? undefined : await this.tried(() => this.d.remote.event(server, room, eventId));
      if (one) found.set(eventId, one);
    }
    await this.store(room, [...found.values()]);
  }

  /**
   * The states after events that are missing here, as the server tells them: their topmost layers. Those it does not tell
   * are left out.
   */
  async statesAfter(server: string, room: Room, missing: readonly string[]): Promise<Map<string, number>> {
    const layers = new Map<string, number>();
    for (const eventId of missing.slice(0, this.d.limits.statesPerEvent)) {
      const layer = await this.stateAfter(server, room, eventId);
      if (layer !== undefined) layers.set(eventId, layer);
    }
    return layers;
  }

  /**
   * The states after missing events which are known here: of one that alone is followed by the event with which the pages
   * go on, as the join of this server mostly does, it is the state before that.
   */
  async statesKnown(room: Room, missing: readonly string[]): Promise<Map<string, number>> {
    const layers = new Map<string, number>();
    for (const eventId of missing) {
      const chunk = room.gaps.get(eventId);
      if (chunk === undefined) continue;
      const [nid] = await this.d.storage.read((tx) => tx.events.pageForwards(room.nid, { chunk, index: BEGINNING }, 1));
      const next = nid === undefined ? undefined : (await this.d.events.byNids([nid], room)).get(nid);
      if (next?.stateBefore !== undefined && onlyPrevEventId(next.pdu) === eventId)
        layers.set(eventId, next.stateBefore);
    }
    return layers;
  }

  /** The state before an event, as the server tells it: its topmost layer; undefined if it does not. */
  async stateBefore(server: string, room: Room, eventId: string): Promise<number | undefined> {
    const ids = await this.tried(() => this.d.remote.stateIds(server, room, eventId));
    if (!ids) return undefined;
    await this.storeState(server, room, eventId, [...ids.authChain, ...ids.state]);
    return this.layerOf(room, ids.state);
  }

  private async stateAfter(server: string, room: Room, eventId: string): Promise<number | undefined> {
    const { remote } = this.d;
    const ids = await this.tried(() => remote.stateIds(server, room, eventId));
    const event = ids && (await this.tried(() => remote.event(server, room, eventId)));
    if (!ids || !event) return undefined;
    await this.storeState(server, room, eventId, [...ids.authChain, ...ids.state]);
    await this.store(room, [event]);
    return this.layerOf(room, [...ids.state, ...(event.pdu.state_key === undefined ? [] : [eventId])]);
  }

  private async storeState(server: string, room: Room, eventId: string, ids: readonly string[]): Promise<void> {
    const { remote, limits } = this.d;
    const known = await this.d.events.byIds(new Set(ids), room);
    const missing = [...new Set(ids)].filter((id) => !known.has(id));
    if (missing.length === 0) return;
    if (missing.length > limits.singleEvents) {
      await this.store(room, (await this.tried(() => remote.state(server, room, eventId))) ?? []);
      return;
    }
    const found = await Promise.all(missing.map((id) => this.tried(() => remote.event(server, room, id))));
    await this.store(
      room,
      found.filter((one) => one !== undefined),
    );
  }

  private store(room: Room, events: readonly SignedEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    return inRoom(this.d, room.id, (turn, now) => storeOutliers(this.d, turn, now, events));
  }

  /** Makes a layer for the state that these events are; later ones take the place of earlier ones. */
  private layerOf({ id: roomId }: Room, ids: readonly string[]): Promise<number | undefined> {
    return inRoom(this.d, roomId, async (_turn, room) => {
      await settle(room);
      const found = await this.d.events.byIds(new Set(ids), room);
      // With a part of the state unknown, nothing can be said of it.
      if (new Set(ids).size !== found.size) return undefined;
      const set = new WriteSet();
      const { decided } = room;
      decided.begin();
      const layer = await writeToldState(
        this.d,
        set,
        room,
        ids.map((id) => found.get(id)!),
      );
      decided.keep();
      if (set.mutations.length > 0) await commitDecision(this.d, room, set);
      return layer;
    });
  }

  /** What another server answers; undefined if it does not. */
  private async tried<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (isRemoteFailure(error)) return undefined;
      throw error;
    }
  }
}
