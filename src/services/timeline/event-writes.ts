import { referenceTo } from '../../protocol/events/event-reference.ts';
import { MAX_PREV_EVENTS } from '../../protocol/events/pdu-format.ts';
import { prevEventIds } from '../../protocol/events/prev-event-ids.ts';
import { relationIn, threadRootIn } from '../../protocol/events/relations.ts';
import { shownMedia } from '../../protocol/events/shown-media.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { EventKind, type PagePoint } from '../../storage/contract/events.ts';
import type { PositionOffset, WriteSet } from '../../storage/contract/write-set.ts';
import { addStateChange, type StateEffect, type StateWriteDependencies } from './current-state-writes.ts';
import type { Extremity } from './decided-head.ts';
import type { EventCache } from './event-cache.ts';
import { addToCurrentLayers, type LayerWriteDependencies, numberOfKey } from './layer-writes.ts';
import type { NotificationPlan } from './notification-plan.ts';
import { addOutgoingEvent } from './outgoing-events.ts';
import { type PlannedRedaction, replacesState } from './redaction.ts';
import type { Room } from './room.ts';
import { stateKeyOf } from './state-key.ts';
import { type SignedEvent, StoredEvent } from './stored-event.ts';

/** Who is told of events of the live timeline, by what is stored together with them. */
export interface EventOutlet {
  add(set: WriteSet, room: Room, event: StoredEvent, position: PositionOffset): void;
}

export interface WriteDependencies extends LayerWriteDependencies, StateWriteDependencies {
  readonly outlet?: EventOutlet | undefined;
  readonly events: EventCache;
}

/** Where an event stands and what it does there. */
export interface PlacedEvent {
  readonly nid: number;
  readonly built: SignedEvent;
  readonly kind: EventKind;
  /** Layers of the state after and before it; null where there is none. */
  readonly stateAfter: number | null;
  readonly stateBefore: number | null;
  /** The state that it takes the place of, in the state before it. */
  readonly replaced: StoredEvent | undefined;
  readonly plan: NotificationPlan;
  /** Whether the event was stored before, outside of the room's history. */
  readonly wasOutlier?: boolean;
  /** Of events of the past: their place in the pages. */
  readonly page?: PagePoint | undefined;
}

export interface AddEventOptions {
  readonly redaction?: PlannedRedaction | undefined;
  /** The event's number, if it was stored before, outside of the room's history. */
  readonly outlierNid?: number | undefined;
  /** The server that made the event, if this one took it upon itself to send it to the others of the room. */
  readonly relayedFrom?: string | undefined;
  /** Whether others see to it that all servers of the room get it. */
  readonly isSpread?: boolean | undefined;
}

/** Adds an authorized event to a write set and to the room's decided head; once committed, to the room itself. */
export function addEvent(
  d: WriteDependencies,
  set: WriteSet,
  room: Room,
  built: SignedEvent,
  plan: NotificationPlan,
  options: AddEventOptions = {},
): StoredEvent {
  const { relayedFrom, isSpread } = options;
  const { type, state_key: stateKey } = built.pdu;
  const nid = options.outlierNid ?? d.storage.nextNid('event');
  const stateBefore = topOf(room);
  const replaced = stateKey === undefined ? undefined : room.decidedState.get(type, stateKey);
  const keyNid = stateKey === undefined ? undefined : numberOfKey(set, room, type, stateKey);
  if (keyNid !== undefined) addToCurrentLayers(d, set, room, keyNid, nid);
  const wasOutlier = options.outlierNid !== undefined;
  const kind = EventKind.timeline;
  const placed = { nid, built, kind, stateAfter: topOf(room), stateBefore, replaced, plan, wasOutlier };
  const { event, position } = storeEvent(d, set, room, placed);
  const change = keyNid === undefined ? undefined : { keyNid, before: replaced, after: event };
  const effects = change ? [addStateChange(d, set, room, change, position!)] : [];
  const extremities = [...unnamedEnds(room, built), extremityOf(event, room.rules)];
  moveHead(d, set, room, { event, position: position!, effects, extremities, relayedFrom, isSpread });
  if (options.redaction) addRedaction(d, set, room, event, options.redaction);
  return event;
}

/** Adds an event as it is stored, whatever its kind; only what is shown has a position. */
export function storeEvent(
  d: WriteDependencies,
  set: WriteSet,
  room: Room,
  placed: PlacedEvent,
): { event: StoredEvent; position: PositionOffset | undefined } {
  const { built, plan, kind, replaced, page } = placed;
  const { pdu } = built;
  const isState = pdu.state_key !== undefined;
  const isShown = kind === EventKind.timeline;
  const threadRoot = isState ? undefined : threadRootIn(pdu.content);
  if (isShown && plan.notify > 0 && threadRoot === undefined) room.decided.notifyMain += 1;
  const position = isShown ? set.nextPosition() : undefined;
  // One object for all that it is needed for: copies of so many members cost more than the rest of what is done here.
  const row = {
    event_nid: placed.nid,
    event_id: built.eventId,
    room_nid: room.nid,
    type: pdu.type,
    state_key: pdu.state_key ?? null,
    sender: pdu.sender,
    origin_server_ts: pdu.origin_server_ts,
    depth: pdu.depth,
    kind,
    stream_position: position ?? null,
    chunk: page?.chunk ?? room.decided.chunk,
    chunk_index: position ?? null,
    state_layer: placed.stateAfter,
    state_before: isState ? placed.stateBefore : null,
    thread_root: threadRoot ?? null,
    notify: plan.notify,
    notify_main: room.decided.notifyMain,
    redacted_by: null,
    unsigned: replaced ? replacesState(replaced) : null,
    json: built.json,
  };
  const event = new StoredEvent(row, room.id, pdu);
  event.notified = plan.users;
  if (page) {
    set.add(placed.wasOutlier ? 'events.enterOld' : 'events.insertOld', { ...row, chunk_index: page.index });
    event.chunkIndex = page.index;
  } else {
    set.add(placed.wasOutlier ? 'events.enter' : 'events.insert', row);
  }
  if (room.partial && kind !== EventKind.outlier) {
    // It stands on a state of which not all is here: it will be decided on again.
    set.add('partial_events.insert', { room_nid: room.nid, place: room.partial.nextPlace++, event_nid: event.nid });
  }
  addRelation(set, event, position ?? page);
  if (!isState)
    for (const mxc of shownMedia(built.json)) set.add('media_references.put', { mxc, event_nid: event.nid });
  if (position !== undefined) d.outlet?.add(set, room, event, position);
  if (position !== undefined) addNotifications(set, event, plan, position);
  else {
    set.onCommitted(() => {
      d.events.put(event);
      if (page) d.notices.publish('oldEvent', { eventNid: event.nid });
    });
  }
  return { event, position };
}

/** How the room's head moves with an event of the live timeline. */
export interface HeadMove {
  readonly event: StoredEvent;
  readonly position: PositionOffset;
  /** Of the changes of the current state, which are in the write set. */
  readonly effects: readonly StateEffect[];
  readonly extremities: readonly Extremity[];
  readonly relayedFrom?: string | undefined;
  /** Whether others see to it that all servers of the room get it. */
  readonly isSpread?: boolean | undefined;
}

/** Moves the decided head, and once the write set is committed, the room. */
export function moveHead(d: WriteDependencies, set: WriteSet, room: Room, move: HeadMove): void {
  const { event, position } = move;
  const origin = d.isLocal(event.sender) ? '' : move.relayedFrom;
  if (origin !== undefined && !move.isSpread) addOutgoingEvent(d, set, room, event, position, origin);
  moveExtremities(set, room, move.extremities);
  set.onCommitted((committed) => {
    event.position = committed.position(position);
    event.chunkIndex = event.position;
    d.events.put(event);
    for (const effect of move.effects) effect(committed);
    room.putRecent(event);
    const { id: roomId, nid: roomNid } = room;
    d.notices.publish('timeline', { roomId, roomNid, eventNid: event.nid, position: event.position });
  });
}

/** Ends of the history that the event does not follow, there being more than it can name. */
function unnamedEnds(room: Room, { pdu }: SignedEvent): readonly Extremity[] {
  const { extremities } = room.decided;
  if (extremities.length <= MAX_PREV_EVENTS) return [];
  const named = new Set(prevEventIds(pdu));
  return extremities.filter(({ eventId }) => !named.has(eventId));
}

export function extremityOf(event: StoredEvent, rules: RoomVersionRules): Extremity {
  const { nid, eventId, depth, stateLayer: layer } = event;
  return { nid, eventId, reference: referenceTo(event, rules), depth, layer };
}

function topOf(room: Room): number | null {
  return room.decided.layers.at(-1)?.nid ?? null;
}

/** Makes these the ends of the history; the current state is that of the decided layers. */
export function moveExtremities(set: WriteSet, room: Room, extremities: readonly Extremity[]): void {
  const { decided } = room;
  const before = new Set(decided.extremities.map(({ nid }) => nid));
  for (const { nid } of extremities) {
    if (!before.delete(nid)) set.add('forward_extremities.insert', { room_nid: room.nid, event_nid: nid });
  }
  for (const nid of before) set.add('forward_extremities.delete', { room_nid: room.nid, event_nid: nid });
  const layer = decided.layers.at(-1)?.nid;
  if (extremities.length > 1 && layer !== undefined) {
    set.add('resolved_states.put', { room_nid: room.nid, state_layer: layer });
    set.onCommitted(() => {
      room.hadBranches = true;
    });
  }
  decided.extremities = extremities;
}

/** How an event relates to another, in a thread or otherwise. `place` is of what is shown: its position, or its place in the pages of the past. */
function addRelation(set: WriteSet, event: StoredEvent, place: PositionOffset | PagePoint | undefined): void {
  const relation = event.stateKey === undefined ? relationIn(event.content) : undefined;
  if (!relation || place === undefined) return;
  const row = {
    room_nid: event.roomNid,
    relates_to: relation.eventId,
    rel_type: relation.relType,
    event_nid: event.nid,
    chunk: event.chunk,
  };
  const thread = event.threadRoot && { room_nid: event.roomNid, thread_root: event.threadRoot, chunk: event.chunk };
  if (typeof place === 'object') {
    set.add('events.relateOld', { ...row, chunk_index: place.index });
    if (thread) set.add('threads.putOld', { ...thread, chunk_index: place.index });
  } else {
    set.add('events.relate', { ...row, chunk_index: place });
    if (thread) set.add('threads.put', { ...thread, chunk_index: place });
  }
}

function addNotifications(set: WriteSet, event: StoredEvent, plan: NotificationPlan, position: PositionOffset): void {
  for (const { userId, notify, highlight } of plan.users) {
    set.add('event_notifications.insert', {
      user_id: userId,
      room_nid: event.roomNid,
      position,
      thread_root: event.threadRoot ?? null,
      notify,
      highlight,
    });
  }
}

export function addRedaction(
  d: WriteDependencies,
  set: WriteSet,
  room: Room,
  redaction: StoredEvent,
  { redacted, replacement }: PlannedRedaction,
): void {
  set.add('events.redact', {
    event_id: redacted.eventId,
    redacted_by: redaction.eventId,
    unsigned: redacted.unsigned,
    json: redacted.json,
  });
  const changed = replacement ? [redacted, replacement] : [redacted];
  if (replacement) set.add('events.setUnsigned', { event_id: replacement.eventId, unsigned: replacement.unsigned });
  // Whoever decides next must not repeat what is going away.
  for (const event of changed) if (isDecidedState(room, event)) room.decided.putState(keyOf(event), event);
  set.onCommitted(() => {
    for (const event of changed) {
      // What took its place may itself have been on its way when the copy was made.
      event.position ||= d.events.peek(event.nid)?.position ?? 0;
      event.chunkIndex ||= event.position;
      d.events.put(event);
      room.replace(event);
      if (event.stateKey !== undefined) room.decided.settleState(keyOf(event), event);
    }
    d.notices.publish('redaction', { roomId: room.id, eventId: redacted.eventId });
  });
}

const keyOf = (event: StoredEvent): string => stateKeyOf(event.type, event.stateKey!);

function isDecidedState(room: Room, event: StoredEvent): boolean {
  return event.stateKey !== undefined && room.decidedState.get(event.type, event.stateKey)?.nid === event.nid;
}
