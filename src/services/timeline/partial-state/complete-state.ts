import { onlyPrevEventId, prevEventIds } from '../../../protocol/events/prev-event-ids.ts';
import { shownMedia } from '../../../protocol/events/shown-media.ts';
import { WriteSet } from '../../../storage/contract/write-set.ts';
import { stacksOf } from '../branch-state.ts';
import { commitDecision, settle } from '../commit-decision.ts';
import { addStateChanges } from '../current-state-writes.ts';
import { removeDerived } from '../derived-rows.ts';
import type { DecideDependencies } from '../event-decision.ts';
import { moveExtremities } from '../event-writes.ts';
import { inRoom } from '../in-room.ts';
import { currentLayers } from '../layer-writes.ts';
import type { Room } from '../room.ts';
import { RoomEvents } from '../room-events.ts';
import type { RoomQueue } from '../room-queue.ts';
import { changesBetween } from '../state-changes.ts';
import type { StoredEvent } from '../stored-event.ts';
import { endPartial } from './partial-writes.ts';
import { type Recomputed, StateRecomputation, type ToldStates } from './recompute-states.ts';

export interface CompleteStateDependencies extends DecideDependencies {
  readonly queue: RoomQueue;
}

/**
 * What came of it: the state is whole; events were named that are not here, after which it has to be asked for; the whole
 * state does not let this server in; or it is not needed any more.
 */
export type Completion = 'full' | 'refused' | 'over' | { readonly missing: readonly StoredEvent[] };

/** Puts the whole state in the place of the one with which a room was joined, and decides again on what came since. */
export class StateCompletion {
  private readonly d: CompleteStateDependencies;

  constructor(dependencies: CompleteStateDependencies) {
    this.d = dependencies;
  }

  /**
   * All in one turn of the room, and in one write set.
   * @param asked ids of events after which the state was asked for, told or not; undefined if it is asked for no more
   */
  complete(
    roomId: string,
    joinNid: number,
    told: ToldStates,
    asked: ReadonlySet<string> | undefined,
  ): Promise<Completion> {
    return inRoom(this.d, roomId, async (_turn, room) =>
      room.partial?.joinNid === joinNid ? this.completeRoom(room, told, asked) : 'over',
    );
  }

  private async completeRoom(
    room: Room,
    told: ToldStates,
    asked: ReadonlySet<string> | undefined,
  ): Promise<Completion> {
    await settle(room);
    const events = new RoomEvents(this.d.events, room);
    const nids = await this.d.storage.readHeavy((tx) => tx.partialRooms.events(room.nid));
    const stored = await events.withNids(nids);
    const flagged = nids.map((nid) => stored.get(nid)!);
    const missing = asked ? await eventsAfterMissing(events, flagged, asked) : [];
    if (missing.length > 0) return { missing };
    const set = new WriteSet();
    const { decided } = room;
    decided.begin();
    try {
      const recomputed = await new StateRecomputation(this.d, { set, room, events }, told).run(flagged);
      if (!recomputed) {
        decided.takeBack();
        return 'refused';
      }
      await this.take(set, room, events, recomputed);
      decided.keep();
    } catch (error) {
      decided.takeBack();
      throw error;
    }
    await commitDecision(this.d, room, set);
    return 'full';
  }

  private async take(set: WriteSet, room: Room, events: RoomEvents, now: Recomputed): Promise<void> {
    const { d } = this;
    const position = set.nextPosition();
    this.replaceEvents(set, room, now);
    const [present = []] = await stacksOf(d.layers, [room.decided.layers.at(-1)?.nid]);
    const changes = await changesBetween(events, present, now.stack);
    room.decided.layers = currentLayers(now.stack);
    const effects = await addStateChanges(d, set, room, changes, () => position);
    moveExtremities(set, room, now.extremities);
    set.onCommitted((committed) => {
      for (const effect of effects) effect(committed);
    });
    endPartial(d, set, room, position, { isFull: true });
  }

  private replaceEvents(set: WriteSet, room: Room, { changed, withdrawn }: Recomputed): void {
    const rows = withdrawn.map((event) => ({ ...event.row, stream_position: event.position || null }));
    removeDerived(set, rows);
    for (const { nid: event_nid, json } of withdrawn) {
      for (const mxc of shownMedia(json)) {
        set.add('media_references.delete', { mxc, event_nid }).add('unused_files.put', { mxc });
      }
    }
    set.onCommitted(() => {
      for (const event of changed) {
        this.d.events.put(event);
        room.replace(event);
      }
      // Whoever is told finds the event in memory.
      for (const event of withdrawn) {
        room.withdraw(event);
        this.d.notices.publish('redaction', { roomId: room.id, eventId: event.eventId });
      }
    });
  }
}

/** Events that name others which are not here and after which the state has not been asked for. */
async function eventsAfterMissing(
  events: RoomEvents,
  [join, ...others]: readonly StoredEvent[],
  asked: ReadonlySet<string>,
): Promise<StoredEvent[]> {
  const beforeJoin = onlyPrevEventId(join!.pdu);
  const settled = beforeJoin === undefined ? asked : new Set([...asked, beforeJoin]);
  const named = await events.withIds(others.flatMap(({ pdu }) => prevEventIds(pdu)));
  return others.filter(({ pdu }) =>
    prevEventIds(pdu).some((id) => !settled.has(id) && named.get(id)?.stateLayer === undefined),
  );
}
