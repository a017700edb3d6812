/**
 * Decides on an event that another server made, by its place in the room's history.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu
 */
import { authorize } from '../../protocol/authorization/authorize.ts';
import { checkAuthEvents } from '../../protocol/authorization/check-auth-events.ts';
import type { Verdict } from '../../protocol/authorization/verdict.ts';
import type { StateView } from '../../protocol/events/pdu.ts';
import { prevEventIds } from '../../protocol/events/prev-event-ids.ts';
import { authEventIds, impliedCreateEventId } from '../../protocol/state-resolution/event-lookup.ts';
import { EventKind } from '../../storage/contract/events.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { resolvedStack, stacksOf, viewFor } from './branch-state.ts';
import { commitDecision, settle } from './commit-decision.ts';
import type { StateChange } from './current-state-writes.ts';
import type { Extremity } from './decided-head.ts';
import { addEvent, extremityOf, moveHead, storeEvent, type WriteDependencies } from './event-writes.ts';
import type { LayerStack } from './layer-cache.ts';
import { addToLayers, currentLayers, numberOfKey } from './layer-writes.ts';
import type { NotificationPlanner } from './notification-plan.ts';
import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';
import { RoomEvents } from './room-events.ts';
import type { RoomTurn } from './room-queue.ts';
import { differingKeys, lookUp } from './state-layers.ts';
import type { SignedEvent, StoredEvent } from './stored-event.ts';

export interface DecideDependencies extends WriteDependencies {
  readonly rooms: RoomCache;
  readonly notifications: NotificationPlanner;
}

/** What became of an event. */
export type Decision =
  | { readonly outcome: 'known'; readonly event: StoredEvent }
  /** Events that it names are not here: nothing was decided. */
  | { readonly outcome: 'missing'; readonly prevEvents: readonly string[]; readonly authEvents: readonly string[] }
  | {
      readonly outcome: 'accepted' | 'rejected' | 'soft-failed';
      readonly event: StoredEvent;
      /** Which rule refused it. */
      readonly verdict: Verdict;
      readonly done: Promise<void>;
    };

export interface DecideOptions {
  /** The server that made the event, if this one took it upon itself to send it to the others of the room. */
  readonly relayedFrom?: string | undefined;
  /** Topmost layers of the states after events that it names and that are not here, as other servers told them. */
  readonly statesAfterMissing?: ReadonlyMap<string, number>;
  /** Not stored if it is refused. */
  readonly onlyIfAllowed?: boolean;
}

/** Decides, in the room's turn. Several servers may have sent the event at the same time: then it is known. */
export async function decideEvent(
  d: DecideDependencies,
  turn: RoomTurn,
  room: Room,
  event: SignedEvent,
  options: DecideOptions = {},
): Promise<Decision> {
  if (turn.roomId !== room.id) throw new Error(`the turn is that of ${turn.roomId}, not of ${room.id}`);
  const authEvents = authEventsInState(room, event);
  if (authEvents && isNext(room, event) && !d.events.peekById(event.eventId)) {
    const verdict = judge(room, event, authEvents, room.decidedState);
    if (verdict.allowed) return appendNext(d, room, event, options);
  }
  await settle(room);
  return new BranchDecision(d, room, event, options).decide();
}

/** Whether the event follows all that there is, and nothing else. */
function isNext(room: Room, event: SignedEvent): boolean {
  const { extremities } = room.decided;
  const prev = new Set(prevEventIds(event.pdu));
  return prev.size === extremities.length && extremities.every(({ eventId }) => prev.has(eventId));
}

/** The auth events, if all of them are in the decided state, where mostly they are. */
function authEventsInState(room: Room, { pdu }: SignedEvent): StoredEvent[] | undefined {
  const ids = authEventIds(pdu);
  const named = new Set(ids);
  if (named.size < ids.length) return undefined;
  const found: StoredEvent[] = [];
  const take = (type: string, stateKey: string) => {
    const event = room.decidedState.get(type, stateKey);
    if (event && named.delete(event.eventId)) found.push(event);
  };
  take('m.room.create', '');
  take('m.room.power_levels', '');
  take('m.room.join_rules', '');
  take('m.room.member', pdu.sender);
  if (pdu.state_key !== undefined) take('m.room.member', pdu.state_key);
  return named.size === 0 ? found : undefined;
}

/** The checks by the auth events and by the state before the event. */
function judge(room: Room, event: SignedEvent, authEvents: readonly StoredEvent[], before: StateView): Verdict {
  const { rules } = room;
  const selection = checkAuthEvents(rules, event.pdu, authEvents);
  if (!selection.allowed) return selection;
  const byAuth = authorize(rules, event, viewOfAuthEvents(room, event, authEvents));
  return byAuth.allowed ? authorize(rules, event, before) : byAuth;
}

/** The create event counts among them where the room id implies it. */
function viewOfAuthEvents(room: Room, { pdu }: SignedEvent, authEvents: readonly StoredEvent[]): StateView {
  const implied = impliedCreateEventId(room.rules, pdu);
  const create = room.decidedState.get('m.room.create', '');
  const all = implied !== undefined && create?.eventId === implied ? [...authEvents, create] : authEvents;
  return { get: (type, stateKey) => all.find((event) => event.type === type && event.stateKey === stateKey) };
}

/** The event is the next one of the room, and allowed. */
function appendNext(d: DecideDependencies, room: Room, built: SignedEvent, options: DecideOptions): Decision {
  const set = new WriteSet();
  const { relayedFrom } = options;
  const event = addEvent(d, set, room, built, d.notifications.plan(room, built.pdu), { relayedFrom });
  return { outcome: 'accepted', event, verdict: { allowed: true }, done: commitDecision(d, room, set) };
}

const SILENT = { notify: 0, users: [] } as const;

/** A decision on an event anywhere in the history, when all that came before is in the database. */
class BranchDecision {
  private readonly set = new WriteSet();
  private readonly events: RoomEvents;

  constructor(
    private readonly d: DecideDependencies,
    private readonly room: Room,
    private readonly built: SignedEvent,
    private readonly options: DecideOptions,
  ) {
    this.events = new RoomEvents(d.events, room);
  }

  async decide(): Promise<Decision> {
    const { built } = this;
    const prevIds = prevEventIds(built.pdu);
    const authIds = authEventIds(built.pdu);
    const stored = await this.events.withIds([built.eventId, ...prevIds, ...authIds]);
    const known = stored.get(built.eventId);
    if (known && isPlaced(known)) return { outcome: 'known', event: known };
    const missing = {
      prevEvents: prevIds.filter((id) => !isPlaced(stored.get(id)) && !this.options.statesAfterMissing?.has(id)),
      authEvents: authIds.filter((id) => !stored.has(id)),
    };
    if (missing.prevEvents.length + missing.authEvents.length > 0) return { outcome: 'missing', ...missing };

    const { decided } = this.room;
    decided.begin();
    try {
      const decision = await this.place(prevIds, authIds, stored, known);
      decided.keep();
      return decision;
    } catch (error) {
      decided.takeBack();
      throw error;
    }
  }

  private async place(
    prevIds: readonly string[],
    authIds: readonly string[],
    stored: ReadonlyMap<string, StoredEvent>,
    outlier: StoredEvent | undefined,
  ): Promise<Decision> {
    const { d, room, built } = this;
    const tops = prevIds.map((id) => layerAfter(id, stored.get(id), this.options));
    const before = await resolvedStack(d, this.set, room, this.events, await stacksOf(d.layers, tops));
    const view = await viewFor(room, this.events, before, built.pdu);
    const authEvents = authIds.map((id) => stored.get(id)!);
    let verdict: Verdict = judge(room, built, authEvents, view);
    if (outlier?.rejected) verdict = { allowed: false, rule: 'rejected', reason: 'it was rejected before' };
    let kind: EventKind = verdict.allowed ? EventKind.timeline : EventKind.rejected;
    if (verdict.allowed) {
      verdict = authorize(room.rules, built, room.decidedState);
      if (!verdict.allowed) kind = EventKind.softFailed;
    }
    const replaced = built.pdu.state_key === undefined ? undefined : view.get(built.pdu.type, built.pdu.state_key);
    return this.store(kind, verdict, before, replaced as StoredEvent | undefined, stored, outlier);
  }

  private async store(
    kind: EventKind,
    verdict: Verdict,
    before: LayerStack,
    replaced: StoredEvent | undefined,
    stored: ReadonlyMap<string, StoredEvent>,
    outlier: StoredEvent | undefined,
  ): Promise<Decision> {
    const { d, set, room } = this;
    // The stored copy of an outlier stays as it is.
    const built = outlier ?? this.built;
    const nid = outlier?.nid ?? d.storage.nextNid('event');
    const after = kind === EventKind.rejected ? before : this.stateAfter(before, nid);
    const { event, position } = storeEvent(d, set, room, {
      nid,
      built,
      kind,
      stateAfter: after.at(-1)?.nid ?? null,
      stateBefore: before.at(-1)?.nid ?? null,
      replaced,
      plan: kind === EventKind.timeline ? d.notifications.plan(room, built.pdu) : SILENT,
      wasOutlier: outlier !== undefined,
    });
    this.events.add(event);
    if (position !== undefined) {
      const extremities = await this.extremitiesWith(event, stored);
      const changes = await this.moveCurrentState(extremities, after);
      const { relayedFrom } = this.options;
      moveHead(d, set, room, { event, position, changes, extremities, relayedFrom });
    } else if (this.options.onlyIfAllowed) {
      const outcome = kind === EventKind.softFailed ? 'soft-failed' : 'rejected';
      room.decided.takeBack();
      return { outcome, event, verdict, done: Promise.resolve() };
    }
    const outcome = position !== undefined ? 'accepted' : kind === EventKind.softFailed ? 'soft-failed' : 'rejected';
    return { outcome, event, verdict, done: commitDecision(d, room, set) };
  }

  private stateAfter(before: LayerStack, nid: number): LayerStack {
    const { d, set, room } = this;
    const { type, state_key: stateKey } = this.built.pdu;
    if (stateKey === undefined) return before;
    return addToLayers(d, set, room.nid, before, new Map([[numberOfKey(set, room, type, stateKey), nid]]));
  }

  /** The ends of the history with a new event: what it follows, if only by way of refused events, is none any more. */
  private async extremitiesWith(event: StoredEvent, stored: ReadonlyMap<string, StoredEvent>): Promise<Extremity[]> {
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
    return [...this.room.decided.extremities.filter(({ nid }) => !followed.has(nid)), extremityOf(event)];
  }

  /** Makes what the states after the extremities resolve to the current state. */
  private async moveCurrentState(extremities: readonly Extremity[], afterNew: LayerStack): Promise<StateChange[]> {
    const { d, set, room } = this;
    const { decided } = room;
    const current = await d.layers.stack(decided.layers.at(-1)!.nid);
    const top = afterNew.at(-1)?.nid;
    const others = extremities.map(({ layer }) => layer).filter((layer) => layer !== top);
    const stacks = [...(await stacksOf(d.layers, others)), afterNew];
    const next = await resolvedStack(d, set, room, this.events, stacks);
    const keys = [...differingKeys([current, next])];
    const found = await this.events.withNids(
      keys.flatMap((key) => [lookUp(current, key), lookUp(next, key)]).filter((nid) => nid !== undefined),
    );
    decided.layers = currentLayers(next);
    const eventAt = (stack: LayerStack, key: number) => {
      const nid = lookUp(stack, key);
      return nid === undefined ? undefined : found.get(nid);
    };
    return keys.map((keyNid) => ({ keyNid, before: eventAt(current, keyNid), after: eventAt(next, keyNid) }));
  }
}

/** Whether an event has its place in the history, with a state after it. */
function isPlaced(event: StoredEvent | undefined): boolean {
  return event !== undefined && event.kind !== EventKind.outlier && event.stateLayer !== undefined;
}

function layerAfter(eventId: string, event: StoredEvent | undefined, options: DecideOptions): number | undefined {
  return isPlaced(event) ? event!.stateLayer : options.statesAfterMissing?.get(eventId);
}
