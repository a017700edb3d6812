import { authorize } from '../../protocol/authorization/authorize.ts';
import { withNamedMembers } from '../../protocol/authorization/named-members.ts';
import type { Verdict } from '../../protocol/authorization/verdict.ts';
import type { StateView } from '../../protocol/events/pdu.ts';
import { prevEventIds } from '../../protocol/events/prev-event-ids.ts';
import { authEventIds } from '../../protocol/state-resolution/event-lookup.ts';
import { EventKind, type PagePoint } from '../../storage/contract/events.ts';
import type { PositionOffset, WriteSet } from '../../storage/contract/write-set.ts';
import { resolvedStack, stacksOf, viewFor } from './branch-state.ts';
import { addStateChanges, type StateChange } from './current-state-writes.ts';
import type { Extremity } from './decided-head.ts';
import type { DecideDependencies, Decided, DecideOptions, DecisionPlace } from './event-decision.ts';
import { extremityOf, moveHead, storeEvent } from './event-writes.ts';
import { addGaps, openChunk } from './gap-writes.ts';
import { judge } from './judge-event.ts';
import type { LayerStack } from './layer-cache.ts';
import { addToLayers, currentLayers, numberOfKey } from './layer-writes.ts';
import { beginPartial, endPartial } from './partial-state/partial-writes.ts';
import { redact, redactLate } from './remote-redaction.ts';
import type { Room } from './room.ts';
import type { RoomEvents } from './room-events.ts';
import { changesBetween } from './state-changes.ts';
import type { SignedEvent, StoredEvent } from './stored-event.ts';

const SILENT = { notify: 0, users: [] } as const;

const NOT_RECOMMENDED: Verdict = { allowed: false, rule: 'policy', reason: 'The event is not recommended' };

type Stored = ReadonlyMap<string, StoredEvent>;

/** A decision on an event anywhere in the history. */
export class BranchDecision {
  private readonly set: WriteSet;
  private readonly room: Room;
  private readonly events: RoomEvents;

  constructor(
    private readonly d: DecideDependencies,
    at: DecisionPlace,
    private readonly built: SignedEvent,
    private readonly options: DecideOptions,
  ) {
    this.set = at.set;
    this.room = at.room;
    this.events = at.events;
  }

  async decide(): Promise<Decided> {
    const { built, options } = this;
    const prevIds = prevEventIds(built.pdu);
    const authIds = authEventIds(built.pdu);
    const stored = await this.events.withIds([built.eventId, ...prevIds, ...authIds]);
    const known = stored.get(built.eventId);
    if (known && (isPlaced(known) || this.isOfThePast(known))) return { outcome: 'known', event: known };
    const unplaced = prevIds.filter((id) => !isPlaced(stored.get(id)));
    const isToldBefore = options.stateBefore !== undefined;
    const prevEvents = isToldBefore ? [] : unplaced.filter((id) => !options.statesAfterMissing?.has(id));
    const authEvents = authIds.filter((id) => !stored.has(id));
    if (prevEvents.length + authEvents.length > 0) return { outcome: 'missing', prevEvents, authEvents };

    const before = await this.stateBefore(prevIds, stored);
    const named = authIds.map((id) => stored.get(id)!);
    const view = this.asSeen(await viewFor(this.room, this.events, before, built.pdu), named);
    const create = view.get('m.room.create', '') as StoredEvent | undefined;
    const isRejected = known?.rejected || this.isOtherBeginning(this.room.decidedState.get('m.room.create', ''));
    const verdict: Verdict = isRejected
      ? { allowed: false, rule: 'rejected', reason: 'It was rejected before' }
      : judge(this.room, built, named, create, view);
    const { type, state_key: stateKey } = built.pdu;
    const replaced = stateKey === undefined ? undefined : (view.get(type, stateKey) as StoredEvent | undefined);
    const decided = await this.store(verdict, before, { stored, unplaced, replaced, named, outlier: known });
    if (decided.outcome === 'accepted') {
      const at = { set: this.set, room: this.room, events: this.events };
      if (type === 'm.room.redaction') await redact(this.d, at, decided.event, view);
      await redactLate(this.d, at, decided.event);
    }
    return decided;
  }

  /**
   * Whether an outlier is somewhere in the part of the history that is missing here: state and auth events come before
   * what they were fetched for. As an end of the history it would bring its old state into the present one.
   */
  private isOfThePast({ depth, type }: StoredEvent): boolean {
    const { room, options, built } = this;
    if (options.page || options.isEntry || room.gaps.has(built.eventId)) return false;
    const { extremities } = room.decided;
    if (type === 'm.room.create') return extremities.length > 0;
    return room.gaps.size > 0 && extremities.some((end) => end.depth > depth);
  }

  /** A room has one beginning, and nothing else begins in it. */
  private isOtherBeginning(create: StoredEvent | undefined): boolean {
    return this.built.pdu.type === 'm.room.create' && create !== undefined && create.eventId !== this.built.eventId;
  }

  private async stateBefore(prevIds: readonly string[], stored: Stored): Promise<LayerStack> {
    const { d, options } = this;
    const { stateBefore, statesAfterMissing } = options;
    if (stateBefore !== undefined) return d.layers.stack(stateBefore);
    const tops = prevIds.map((id) => {
      const event = stored.get(id);
      return isPlaced(event) ? event!.stateLayer : statesAfterMissing?.get(id);
    });
    return resolvedStack(d, this.set, this.room, this.events, await stacksOf(d.layers, tops));
  }

  private async store(
    byHistory: Verdict,
    before: LayerStack,
    known: {
      readonly stored: Stored;
      readonly unplaced: readonly string[];
      readonly replaced: StoredEvent | undefined;
      readonly named: readonly StoredEvent[];
      readonly outlier: StoredEvent | undefined;
    },
  ): Promise<Decided> {
    const { d, set, room } = this;
    // The stored copy of an outlier stays as it is.
    const built = known.outlier ?? this.built;
    const page = byHistory.allowed ? await this.page() : undefined;
    const verdict = byHistory.allowed && !page ? this.asOfNow(known.named) : byHistory;
    const isAccepted = verdict.allowed;
    const kind = kindOf(byHistory, verdict, page);
    const isAfterGap = isAccepted && !page && known.unplaced.length > 0;
    const gapPosition = isAfterGap ? set.nextPosition() : undefined;
    if (isAfterGap) openChunk(set, room);
    const nid = known.outlier?.nid ?? d.storage.nextNid('event');
    const after = byHistory.allowed ? this.stateAfter(before, nid) : before;
    const { event, position } = storeEvent(d, set, room, {
      nid,
      built,
      kind,
      stateAfter: after.at(-1)?.nid ?? null,
      stateBefore: before.at(-1)?.nid ?? null,
      replaced: known.replaced,
      plan: kind === EventKind.timeline ? d.notifications.plan(room, built.pdu) : SILENT,
      wasOutlier: known.outlier !== undefined,
      page,
    });
    this.events.add(event);
    const chunk = (page ?? this.options.page)?.chunk ?? event.chunk;
    if (isAccepted || this.options.page) addGaps(set, room, event.eventId, { chunk, missing: known.unplaced });
    if (position !== undefined) {
      const extremities = await this.extremitiesWith(event, known.stored);
      const changes = await this.moveCurrentState(extremities, after);
      const before = gapPosition ?? position;
      const effects = await addStateChanges(d, set, room, changes, (one) => (one.after === event ? position : before));
      const { relayedFrom, isSpread } = this.options;
      moveHead(d, set, room, { event, position, effects, extremities, relayedFrom, isSpread });
      if (this.options.isEntry) this.enter(event, position);
    }
    const outcome = isAccepted ? 'accepted' : kind === EventKind.softFailed ? 'soft-failed' : 'rejected';
    return { outcome, event, verdict };
  }

  /** Nothing that was known before counts when the room is entered, nor what was missing of it. */
  private enter(event: StoredEvent, position: PositionOffset): void {
    const { d, set, room, options } = this;
    if (room.partial) endPartial(d, set, room, position, { isFull: false });
    if (options.partial) beginPartial(d, set, room, { event, position, entry: options.partial });
  }

  /** A state by which the event is judged. While members are missing, they are as the event itself names them. */
  private asSeen(state: StateView, named: readonly StoredEvent[]): StateView {
    const { room, options } = this;
    const isPartial = (room.partial !== undefined || options.partial !== undefined) && !options.page;
    return isPartial ? withNamedMembers(state, named) : state;
  }

  /** Check 6: by the current state, and whether it is recommended. What is allowed where it stands and not any more is soft-failed. */
  private asOfNow(named: readonly StoredEvent[]): Verdict {
    if (this.options.isEntry) return { allowed: true };
    const verdict = authorize(this.room.rules, this.built, this.asSeen(this.room.decidedState, named));
    return verdict.allowed && this.options.isNotRecommended ? NOT_RECOMMENDED : verdict;
  }

  /** The place in the pages of an event of the past: one that was missing when what follows it came, too. */
  private async page(): Promise<PagePoint | undefined> {
    if (this.options.page) return this.options.page;
    const chunk = this.options.isEntry ? undefined : this.room.gaps.get(this.built.eventId);
    if (chunk === undefined) return undefined;
    const first = await this.d.storage.read((tx) => tx.events.firstIndex(this.room.nid, chunk));
    return { chunk, index: (first ?? 0) - 1 };
  }

  private stateAfter(before: LayerStack, nid: number): LayerStack {
    const { d, set, room } = this;
    const { type, state_key: stateKey } = this.built.pdu;
    if (stateKey === undefined) return before;
    return addToLayers(d, set, room.nid, before, new Map([[numberOfKey(set, room, type, stateKey), nid]]));
  }

  /** The ends of the history with a new event: what it follows, if only by way of refused events, is none any more. */
  private async extremitiesWith(event: StoredEvent, stored: Stored): Promise<Extremity[]> {
    if (this.options.isEntry) return [extremityOf(event, this.room.rules)];
    const followed = new Set<number>();
    let next = prevEventIds(event.pdu).flatMap((id) => stored.get(id) ?? []);
    while (next.length > 0) {
      const refused: StoredEvent[] = [];
      for (const one of next) {
        if (followed.has(one.nid)) continue;
        followed.add(one.nid);
        if (one.kind === EventKind.rejected || one.kind === EventKind.softFailed) refused.push(one);
      }
      const before = await this.events.withIds(refused.flatMap(({ pdu }) => prevEventIds(pdu)));
      next = [...before.values()].filter(({ nid }) => !followed.has(nid));
    }
    return [
      ...this.room.decided.extremities.filter(({ nid }) => !followed.has(nid)),
      extremityOf(event, this.room.rules),
    ];
  }

  /** Makes what the states after the extremities resolve to the current state. */
  private async moveCurrentState(extremities: readonly Extremity[], afterNew: LayerStack): Promise<StateChange[]> {
    const { d, set, room } = this;
    const { decided } = room;
    const [current = []] = await stacksOf(d.layers, [decided.layers.at(-1)?.nid]);
    const top = afterNew.at(-1)?.nid;
    const others = extremities.map(({ layer }) => layer).filter((layer) => layer !== top);
    const stacks = [...(await stacksOf(d.layers, others)), afterNew];
    const next = await resolvedStack(d, set, room, this.events, stacks);
    const changes = await changesBetween(this.events, current, next);
    decided.layers = currentLayers(next);
    return changes;
  }
}

/** Whether an event has its place in the history, with a state after it. */
function isPlaced(event: StoredEvent | undefined): boolean {
  return event !== undefined && event.kind !== EventKind.outlier && event.stateLayer !== undefined;
}

function kindOf(byHistory: Verdict, verdict: Verdict, page: PagePoint | undefined): EventKind {
  if (!byHistory.allowed) return EventKind.rejected;
  if (page) return EventKind.backfilled;
  return verdict.allowed ? EventKind.timeline : EventKind.softFailed;
}
