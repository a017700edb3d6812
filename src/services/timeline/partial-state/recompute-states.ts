import { setImmediate as nextTurn } from 'node:timers/promises';
import { authorize } from '../../../protocol/authorization/authorize.ts';
import { prevEventIds } from '../../../protocol/events/prev-event-ids.ts';
import { authEventIds } from '../../../protocol/state-resolution/event-lookup.ts';
import { EventKind } from '../../../storage/contract/events.ts';
import type { WriteSet } from '../../../storage/contract/write-set.ts';
import { resolvedStack, viewFor } from '../branch-state.ts';
import type { Extremity } from '../decided-head.ts';
import { extremityOf } from '../event-writes.ts';
import { judge } from '../judge-event.ts';
import type { LayerStack } from '../layer-cache.ts';
import { addToLayers, type LayerWriteDependencies, numberOfKey } from '../layer-writes.ts';
import { inOrder } from '../receive-pdu/in-order.ts';
import type { Room } from '../room.ts';
import type { RoomEvents } from '../room-events.ts';
import { StoredEvent } from '../stored-event.ts';

/** States that other servers have told: their topmost layers. */
export interface ToldStates {
  /** Before the event by which this server joined. */
  readonly beforeJoin: number;
  /** After events that are missing here, by their ids. */
  readonly afterMissing: ReadonlyMap<string, number>;
}

/** The room as it would be if all of its state had been here from the beginning. */
export interface Recomputed {
  readonly extremities: readonly Extremity[];
  /** The current state. */
  readonly stack: LayerStack;
  /** Events as they are now, of those that are not as they were. */
  readonly changed: readonly StoredEvent[];
  /** Events as they were, of those that are not shown any more. */
  readonly withdrawn: readonly StoredEvent[];
}

/** Events decided on in a row: then others have their turn. */
const WITHOUT_PAUSE = 50;

/**
 * Decides again, one after the other, on the events that came while the state was not whole: each gets the states around
 * it as they really were. One that the state before it does not allow is rejected; one that was no longer allowed when it
 * came is soft-failed. What was refused is not shown any more, but what it does to the state counts if it was allowed
 * where it stands.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu
 */
export class StateRecomputation {
  private readonly after = new Map<string, LayerStack>();
  private readonly changed: StoredEvent[] = [];
  private readonly withdrawn: StoredEvent[] = [];
  private extremities: readonly Extremity[] = [];
  private stack: LayerStack = [];

  constructor(
    private readonly d: LayerWriteDependencies,
    private readonly at: { readonly set: WriteSet; readonly room: Room; readonly events: RoomEvents },
    private readonly told: ToldStates,
  ) {}

  /** @param flagged the events in the order in which they came, the join first. Answers undefined if that is refused. */
  async run(flagged: readonly StoredEvent[]): Promise<Recomputed | undefined> {
    const [join] = flagged;
    // What was missing when the one after it came may have been found later.
    for (const [i, one] of (await inOrder(flagged, prevEventIds)).entries()) {
      if (i % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await nextTurn();
      const event = one as StoredEvent;
      const decided = await this.decide(event, event === join);
      if (event === join && decided.kind !== EventKind.timeline) return undefined;
    }
    const { extremities, stack, changed, withdrawn } = this;
    return { extremities, stack, changed, withdrawn };
  }

  private async decide(event: StoredEvent, isJoin: boolean): Promise<StoredEvent> {
    const { d, at } = this;
    const before = isJoin ? await d.layers.stack(this.told.beforeJoin) : await this.stateBefore(event);
    const kind = await this.kindOf(event, before, isJoin);
    const after = kind === EventKind.rejected ? before : this.stateAfter(event, before);
    this.after.set(event.eventId, after);
    const decided = this.changedTo(event, kind, before, after);
    at.events.add(decided);
    if (kind === EventKind.timeline) {
      this.extremities = isJoin ? [extremityOf(decided, this.at.room.rules)] : await this.extremitiesWith(decided);
      this.stack = await this.resolved(this.extremities.map(({ eventId }) => this.after.get(eventId)!));
    }
    return decided;
  }

  private async stateBefore(event: StoredEvent): Promise<LayerStack> {
    const prevIds = prevEventIds(event.pdu);
    const stored = await this.at.events.withIds(prevIds);
    const stacks: LayerStack[] = [];
    for (const id of prevIds) {
      const known = this.after.get(id);
      const layer = this.told.afterMissing.get(id) ?? stored.get(id)?.stateLayer;
      if (known) stacks.push(known);
      else if (layer !== undefined) stacks.push(await this.d.layers.stack(layer));
      // Nobody tells: then the room is taken to have been as it was here.
      else stacks.push(this.stack);
    }
    return this.resolved(stacks);
  }

  private async resolved(stacks: readonly LayerStack[]): Promise<LayerStack> {
    const { set, room, events } = this.at;
    const distinct = new Map(stacks.map((stack) => [stack.at(-1)?.nid, stack]));
    return resolvedStack(this.d, set, room, events, [...distinct.values()]);
  }

  private async kindOf(event: StoredEvent, before: LayerStack, isJoin: boolean): Promise<EventKind> {
    // A second beginning of the room stays refused, whatever the state.
    if (event.type === 'm.room.create') return event.kind;
    const { room, events } = this.at;
    const named = await events.withIds(authEventIds(event.pdu));
    const view = await viewFor(room, events, before, event.pdu);
    const create = view.get('m.room.create', '') as StoredEvent | undefined;
    if (!judge(room, event, [...named.values()], create, view).allowed) return EventKind.rejected;
    if (event.kind === EventKind.rejected) return EventKind.softFailed;
    if (isJoin || event.kind !== EventKind.timeline) return event.kind;
    const present = await viewFor(room, events, this.stack, event.pdu);
    return authorize(room.rules, event, present).allowed ? event.kind : EventKind.softFailed;
  }

  private stateAfter({ nid, type, stateKey }: StoredEvent, before: LayerStack): LayerStack {
    const { set, room } = this.at;
    if (stateKey === undefined) return before;
    return addToLayers(this.d, set, room.nid, before, new Map([[numberOfKey(set, room, type, stateKey), nid]]));
  }

  /** The event with these states; the same one if nothing is different. */
  private changedTo(event: StoredEvent, kind: EventKind, before: LayerStack, after: LayerStack): StoredEvent {
    const state_layer = after.at(-1)?.nid ?? null;
    const state_before = event.stateKey === undefined ? null : (before.at(-1)?.nid ?? null);
    const { row } = event;
    if (kind === event.kind && state_layer === row.state_layer && event.stateBefore === before.at(-1)?.nid)
      return event;
    const changed = new StoredEvent({ ...row, kind, state_layer, state_before }, event.roomId, event.pdu);
    const isShown = kind === event.kind || event.kind === EventKind.rejected;
    changed.position = isShown ? event.position : 0;
    changed.chunkIndex = isShown ? event.chunkIndex : 0;
    changed.notified = event.notified;
    changed.transaction = event.transaction;
    this.changed.push(changed);
    this.at.set.add('events.setState', { event_nid: event.nid, kind, state_layer, state_before });
    if (!isShown) {
      this.at.set.add('events.withdraw', { event_nid: event.nid });
      this.withdrawn.push(event);
    }
    return changed;
  }

  /** What an event follows, if only by way of refused ones, is no end of the history any more. */
  private async extremitiesWith(event: StoredEvent): Promise<Extremity[]> {
    const followed = new Set<string>();
    for (let next = prevEventIds(event.pdu).filter((id) => !followed.has(id)); next.length > 0; ) {
      for (const id of next) followed.add(id);
      const found = await this.at.events.withIds(next);
      const refused = [...found.values()].filter(
        ({ kind }) => kind === EventKind.rejected || kind === EventKind.softFailed,
      );
      next = refused.flatMap(({ pdu }) => prevEventIds(pdu)).filter((id) => !followed.has(id));
    }
    return [
      ...this.extremities.filter(({ eventId }) => !followed.has(eventId)),
      extremityOf(event, this.at.room.rules),
    ];
  }
}
